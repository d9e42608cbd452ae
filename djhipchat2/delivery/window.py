"""A window: some messages of some rooms that one thread tries, one after another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.exceptions import ImproperlyConfigured

from ..backends.base import Result
from ..connections import connections
from ..models import OutboundMessage
from ..states import Outcome, Scope
from .attempt import Attempt, attempt
from .lease import Lease
from .pace import WINDOW_SECONDS

#: Seconds that a window waits for a hand at most. Then it is given back: its rooms may be on hold.
KEPT_SECONDS = 0.25


@dataclass(eq=False)
class Share:
    """A room's messages in a window."""

    lease: Lease
    rows: list[OutboundMessage]
    attempts: list[Attempt] = field(default_factory=list)
    begun: int = 0

    def cut(self, number: int) -> list[OutboundMessage]:
        """Take the last so many messages out and return them."""
        kept = len(self.rows) - number
        self.rows, cut = self.rows[:kept], self.rows[kept:]
        return cut

    @property
    def left(self) -> list[OutboundMessage]:
        """The messages that were not begun."""
        return self.rows[self.begun :]


@dataclass(eq=False)
class Window:
    """Messages of one connection that are marked as being sent, and what came of them."""

    connection: str
    shares: list[Share]
    marked_at: datetime
    seconds: float = 0.0
    """How long it took."""
    worked: float = 0.0
    """Seconds of processor time that its thread used."""
    taken: int = 0
    """How many of its messages are counted as under way by the connection's limit."""
    composed: float = field(default_factory=time.monotonic)
    """When it was made, by ``time.monotonic()``: at ``marked_at``."""
    ready: float = field(default_factory=time.monotonic)
    """When its messages were marked, by the same clock."""
    interruption: BaseException | None = None
    """What ended it early; to be raised when everything that was answered is recorded."""

    @property
    def size(self) -> int:
        """How many messages it has."""
        return sum(len(share.rows) for share in self.shares)

    @property
    def tried(self) -> int:
        """Messages that have an outcome."""
        return sum(len(share.attempts) for share in self.shares)

    def rows(self) -> Iterator[OutboundMessage]:
        """Yield all its messages."""
        for share in self.shares:
            yield from share.rows

    def deliver(self, time_limit: Callable[[float], float], stop: Callable[[], bool]) -> None:
        """
        Try the messages until one says that the rest has to wait, or the window is over.

        No database is asked: this runs in a thread that has none.
        """
        started, worked = time.monotonic(), time.thread_time()
        try:
            self._deliver(started, time_limit, stop)
        except BaseException as error:  # noqa: BLE001 - raised again when the rest is recorded
            self.interruption = error
        finally:
            self.seconds = time.monotonic() - started
            self.worked = time.thread_time() - worked

    def _deliver(
        self, started: float, time_limit: Callable[[float], float], stop: Callable[[], bool]
    ) -> None:
        backend = connections[self.connection]
        if started - self.ready > KEPT_SECONDS:
            return  # what was true when it was marked need not be true any more
        usual, limits = backend.time_limit, None
        with suppress(ImproperlyConfigured):  # each attempt says what is wrong
            limits = backend.limits
        tried = 0
        for share in self.shares:
            for row in share.rows:
                now = time.monotonic()
                if stop() or (tried and now - started >= WINDOW_SECONDS):
                    return
                share.begun += 1
                tried += 1
                moment = self.marked_at + timedelta(seconds=now - self.composed)
                made = attempt(row, backend, now=moment, timeout=time_limit(usual), limits=limits)
                share.attempts.append(made)
                if not _invites_more(made.result):
                    break  # the room's others wait for what this answer means for it
            if share.attempts and _closes_connection(share.attempts[-1].result):
                return


def _invites_more(result: Result) -> bool:
    return result.outcome is Outcome.ACCEPTED and result.retry_after is None


def _closes_connection(result: Result) -> bool:
    return not _invites_more(result) and result.scope == Scope.CONNECTION
