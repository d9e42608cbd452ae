"""Write messages to a stream, for development."""

from __future__ import annotations

import sys
import threading
from typing import Any, TextIO

from ..message import Message
from ..states import Outcome
from .base import HipChatBackendBase, Result


class HipChatBackend(HipChatBackendBase):
    """Write each message to ``stream``, by default the standard output."""

    at_once = True
    option_names = ("stream",)
    _lock = threading.Lock()

    def __init__(self, *, stream: TextIO | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._stream = stream

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        head = f"[{message.room}] {message.sender} ({message.color}, {message.message_format})"
        stream = self._stream or sys.stdout
        text = f"{head}{' !' if message.notify else ''}: {message.text}\n"
        encoding = getattr(stream, "encoding", None) or "utf-8"
        with self._lock:
            # A terminal without the message's characters must not fail the delivery.
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        return Result(Outcome.ACCEPTED)
