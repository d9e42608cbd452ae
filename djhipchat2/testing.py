"""Help for the tests of projects that send messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test.utils import override_settings

import djhipchat2


@contextmanager
def capture_messages() -> Iterator[list[dict[str, Any]]]:
    """Deliver to a new list of payloads instead of to the chat, and yield that list."""
    before = djhipchat2.sent_messages
    djhipchat2.sent_messages = []
    with override_settings(
        HIPCHAT_BACKEND="djhipchat2.backends.locmem.HipChatBackend", HIPCHAT_CONNECTIONS={}
    ):
        try:
            yield djhipchat2.sent_messages
        finally:
            djhipchat2.sent_messages = before
