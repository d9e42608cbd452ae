"""How a worker goes about it: for whom, how long, how many, how fast."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ..states import Trigger

#: Seconds of unrecorded answers that a window should stay under.
WINDOW_SECONDS = 0.05
WINDOW_LARGEST = 16
#: Part of the time budget after which a caller's process starts no further message.
LAST_START = 0.25


def worker_name() -> str:
    """Return host, process and thread, as attempts and leases show them."""
    thread = threading.current_thread().name
    return f"{socket.gethostname()}:{os.getpid()}:{thread}"[:100]


@dataclass
class Summary:
    """What a run did. The numbers are of messages, but for ``skipped_rooms``."""

    sent: int = 0
    failed: int = 0
    retried: int = 0
    """Not accepted, queued again."""
    expired: int = 0
    recovered: int = 0
    """Left behind by a worker that vanished."""
    skipped_rooms: int = 0
    """Rooms of connections that this process does not know."""

    @property
    def attempts(self) -> int:
        """Messages that were tried."""
        return self.sent + self.failed + self.retried

    @property
    def all_well(self) -> bool:
        """Was everything that was tried accepted, and nothing given up or left?"""
        return not (self.failed or self.retried or self.expired or self.skipped_rooms)


@dataclass
class Run:
    """A worker's task."""

    trigger: Trigger
    worker: str = field(default_factory=worker_name)
    budget: float | None = None
    """Seconds that the caller can wait; None: as long as it takes."""
    limit: int | None = None
    """Messages to try at most."""
    stop: Callable[[], bool] = lambda: False
    """Asked between two messages; True: give the room back now."""
    progress: Callable[[Summary], None] = lambda _: None
    """Told after each window."""
    summary: Summary = field(default_factory=Summary)
    started: float = field(default_factory=time.monotonic)

    @property
    def over(self) -> bool:
        """Must no further message be started?"""
        if self.limit is not None and self.summary.attempts >= self.limit:
            return True
        if self.budget is not None and self._elapsed > self.budget * LAST_START:
            return True
        return self.stop()

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self.started

    def time_limit(self, usual: float) -> float:
        """Return the seconds that the next attempt may take, given the backend's usual limit."""
        if self.budget is None:
            return usual
        return min(usual, self.budget - self._elapsed)

    def at_most(self, messages: int) -> int:
        """Return how many of so many messages the limit leaves."""
        return messages if self.limit is None else min(messages, self.limit - self.summary.attempts)


class Pace:
    """How many messages to take at once, learnt from how fast the server answers."""

    def __init__(self) -> None:
        self.size = 1

    def learn(self, seconds: float, messages: int) -> None:
        """Take as many next time as fit the window, at most twice as many as now."""
        fitting = int(WINDOW_SECONDS / max(seconds / messages, 1e-6))
        self.size = max(1, min(self.size * 2, fitting, WINDOW_LARGEST))
