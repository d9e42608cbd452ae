"""Deliver nowhere."""

from __future__ import annotations

from ..message import Message
from ..states import Outcome
from .base import HipChatBackendBase, Result


class HipChatBackend(HipChatBackendBase):
    """Accept every message and do nothing with it."""

    at_once = True

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        return Result(Outcome.ACCEPTED)
