"""
The payloads that each service is sent for the corpus, as files to read.

This writes them anew; look at what changed before you commit it::

    export DJANGO_SETTINGS_MODULE=tests.settings
    python -c "import tests.backends.golden as golden; golden.write_all()"
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.backends.chat_receiver import SERVICES
from tests.backends.corpus import MESSAGES, message

FOLDER = Path(__file__).parent / "golden"
#: Texts are shown up to here, so that the files stay readable; their lengths are tested.
SHOWN_CHARACTERS = 400
SHOWN_ITEMS = 4
#: Both ways into Slack carry the same content.
WRITTEN = [service for service in SERVICES if service != "slack api"]


def payload_of(service: str, name: str) -> Any:
    """Return what a service is sent for a message: the JSON or the form."""
    post = SERVICES[service].backend("https://chat.example.com").post_of(message(name))  # type: ignore[attr-defined]
    return post.body if post.data is None else post.data


def payloads_of(service: str) -> dict[str, Any]:
    """Return what a service is sent for the corpus, long texts shortened."""
    return {name: _shown(payload_of(service, name)) for name in MESSAGES}


def written(service: str) -> dict[str, Any]:
    """Return what is written down for a service."""
    payloads: dict[str, Any] = json.loads(_path(service).read_text(encoding="utf-8"))
    return payloads


def write_all() -> None:
    """Write down what each service is sent."""
    for service in WRITTEN:
        text = json.dumps(payloads_of(service), ensure_ascii=False, indent=1)
        _path(service).write_text(f"{text}\n", encoding="utf-8")


def _path(service: str) -> Path:
    return FOLDER / f"{service.replace(' ', '_')}.json"


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shown(inner) for name, inner in value.items()}
    if isinstance(value, list):
        shown = [_shown(inner) for inner in value[:SHOWN_ITEMS]]
        return [*shown, f"[{len(value)} items]"] if len(value) > SHOWN_ITEMS else shown
    if isinstance(value, str) and len(value) > SHOWN_CHARACTERS:
        half = SHOWN_CHARACTERS // 2
        return f"{value[:half]} [{len(value)} characters] {value[-half:]}"
    return value
