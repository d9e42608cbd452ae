"""Help for the tests of projects that send messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test.utils import override_settings

import djhipchat2

from .connections import connections

LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"


@contextmanager
def capture_messages() -> Iterator[list[dict[str, Any]]]:
    """Yield a new list that the payloads go to instead of the chat, whatever the connection."""
    before = djhipchat2.sent_messages
    djhipchat2.sent_messages = []
    everything = {alias: {"BACKEND": LOCMEM} for alias in connections.aliases()}
    with override_settings(HIPCHAT_CONNECTIONS=everything):
        try:
            yield djhipchat2.sent_messages
        finally:
            djhipchat2.sent_messages = before
