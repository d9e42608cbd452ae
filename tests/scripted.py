"""A backend whose results a test writes down in advance; it records what it was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from djhipchat2.backends.base import HipChatBackendBase, Result
from djhipchat2.message import Message
from djhipchat2.states import Outcome

PATH = "tests.scripted.HipChatBackend"
ACCEPTED = Result(Outcome.ACCEPTED, http_status=200, answer="ok")
REJECTED = Result(Outcome.REJECTED, error="no such room", http_status=404)
UNAVAILABLE = Result(Outcome.UNAVAILABLE, error="down", http_status=503)
UNKNOWN = Result(Outcome.UNKNOWN, error="no answer")
LIMITED = Result(
    Outcome.UNAVAILABLE, error="slow down", http_status=429, retry_after=60, rate_limited=True
)


class Script:
    """Results to come, by message text or in order; what is not scripted is accepted."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.results: list[Result | BaseException] = []
        self.by_text: dict[str, Result | BaseException] = {}
        self.delivered: list[Message] = []
        self.timeouts: list[float | None] = []
        self.before: Callable[[Message], Any] = lambda message: None

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.delivered]

    def play(self, message: Message, timeout: float | None) -> Result:
        self.before(message)
        self.delivered.append(message)
        self.timeouts.append(timeout)
        result = self.by_text.get(message.text)
        if result is None:
            result = self.results.pop(0) if self.results else ACCEPTED
        if isinstance(result, BaseException):
            raise result
        return result


script = Script()


class HipChatBackend(HipChatBackendBase):
    """Deliver as ``script`` says."""

    time_limit = 8.0

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        return script.play(message, timeout)


class AtOnceBackend(HipChatBackend):
    """The same, without waiting for a commit."""

    at_once = True
