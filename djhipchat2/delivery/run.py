"""How a worker goes about it: for whom, how long, how many, and what came of it."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from uuid import uuid4

from ..states import Status, Trigger
from .retry import Verdict

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

    def count(self, verdicts: Iterable[Verdict]) -> None:
        """Add what came of some messages."""
        for verdict in verdicts:
            if verdict.status is Status.SENT:
                self.sent += 1
            elif verdict.status is Status.FAILED:
                self.failed += 1
            else:
                self.retried += 1

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
    token: str = field(default_factory=lambda: uuid4().hex)
    """What its leases are known by."""
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

    def at_most(self, messages: int, *, in_hand: int = 0) -> int:
        """Return how many of so many messages the limit leaves, beside those in hand."""
        if self.limit is None:
            return messages
        return max(min(messages, self.limit - self.summary.attempts - in_hand), 0)
