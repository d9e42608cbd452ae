"""Paces of chats that are known from the start."""

from __future__ import annotations

from djhipchat2.delivery.pace import Pace


class FastPace(Pace):
    """The pace of a chat that is known to be fast."""

    def __init__(self) -> None:
        self.size = 16

    def learn(self, seconds: float, messages: int) -> None:
        self.size = 16


class SlowPace(Pace):
    """The pace of a chat that is slow: one message, one window."""

    def learn(self, seconds: float, messages: int) -> None:
        self.size = 1
