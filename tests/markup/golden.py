"""
The corpus of messages and what each dialect makes of it.

This writes the files of ``golden`` anew; look at what changed before you commit it::

    DJANGO_SETTINGS_MODULE=tests.settings python -c "import tests.markup.golden as g; g.write_all()"
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from djhipchat2.markup import (
    adaptivecard,
    discord,
    googlechat,
    matrix_html,
    mattermost,
    mrkdwn,
    plain,
    rocketchat,
    telegram,
    zulip,
)
from djhipchat2.markup.card import read_shown
from djhipchat2.markup.document import Document
from djhipchat2.markup.units import json_bytes, utf16_units
from djhipchat2.message import Message

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
GOLDEN = HERE / "golden"
#: More than any message of the corpus needs, unless it names a limit of its own.
LIMIT = 20_000

DIALECTS: dict[str, Any] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        adaptivecard,
        discord,
        googlechat,
        matrix_html,
        mattermost,
        mrkdwn,
        plain,
        rocketchat,
        telegram,
        zulip,
    )
}
#: How each dialect's limit is counted.
SIZES: dict[str, Callable[[str], int]] = {
    **dict.fromkeys(DIALECTS, len),
    "adaptivecard": json_bytes,
    "matrix_html": json_bytes,
    "telegram": utf16_units,
}
CASES = sorted(path.stem for path in CORPUS.glob("*.json"))


def case(name: str) -> tuple[Document, int]:
    """Return a message of the corpus as it is read, and the limit to keep."""
    fields = json.loads((CORPUS / f"{name}.json").read_text())
    limit = fields.pop("limit", LIMIT)
    message = Message(room_id="Ops", text=fields.pop("message"), **fields)
    return read_shown(message), limit


def rendered(dialect: str, name: str) -> str:
    """Return what a dialect makes of a message of the corpus."""
    document, limit = case(name)
    text: str = DIALECTS[dialect].render(document, limit=limit)
    return text


def golden_file(dialect: str, name: str) -> Path:
    """Return where it is kept how a dialect shows a message."""
    return GOLDEN / dialect / f"{name}.txt"


def write_all() -> int:
    """Write every file anew and return how many there are."""
    for dialect in DIALECTS:
        (GOLDEN / dialect).mkdir(parents=True, exist_ok=True)
        for old in (GOLDEN / dialect).glob("*.txt"):
            old.unlink()
        for name in CASES:
            golden_file(dialect, name).write_text(rendered(dialect, name) + "\n")
    return len(DIALECTS) * len(CASES)
