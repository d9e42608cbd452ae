"""Two connections that remember what was announced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.dispatch.listening import Listener


@pytest.fixture(autouse=True)
def heard(settings: Any) -> Iterator[list[tuple[str, str]]]:
    """What was announced, on the connections ``default`` and ``audit``."""
    settings.HIPCHAT_BACKEND = "tests.dispatch.listening.Listener"
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": settings.HIPCHAT_BACKEND}}
    yield Listener.heard
    Listener.heard.clear()
    Listener.then.clear()
