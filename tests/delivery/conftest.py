"""An outbox in front of a scripted backend."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.api import send_message
from djhipchat2.models import OutboundMessage
from tests.scripted import PATH, Script, script

# A walk that fails says which values it met, as a test does.
pytest.register_assert_rewrite("tests.delivery.invariants", "tests.delivery.machine")


@pytest.fixture(autouse=True)
def chat(settings: Any) -> Script:
    """The script of the backend that every message goes to."""
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_BACKOFF_BASE = 3_600  # longer than any test on any machine
    settings.HIPCHAT_THREADS = 1  # so that the order over rooms is known
    script.clear()
    return script


@pytest.fixture
def queued(db: None) -> Any:
    """Write a message to the outbox and leave it there."""

    def write(text: str = "hello", room_id: str = "Ops", **options: Any) -> OutboundMessage:
        return send_message(room_id, text, defer=True, **options)

    return write


@pytest.fixture
def two_rooms(queued: Any) -> None:
    """Three messages to each of two rooms, in turns."""
    for number in range(3):
        queued(f"dev {number}", "Dev")
        queued(f"ops {number}", "Ops")
