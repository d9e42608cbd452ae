"""Keep messages in ``djhipchat2.sent_messages``, for tests."""

from __future__ import annotations

import djhipchat2

from ..message import Message
from ..states import Outcome
from .base import HipChatBackendBase, Result


class HipChatBackend(HipChatBackendBase):
    """Append the payload of each message, as the 2013 package made it, to ``sent_messages``."""

    at_once = True

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        # Looked up at each message: tests of 2013 empty the list by assigning a new one.
        djhipchat2.sent_messages.append(self.payload_of(message))
        return Result(Outcome.ACCEPTED)
