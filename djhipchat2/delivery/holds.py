"""
What keeps messages from a room, or from every room of a connection.

A connection's hold stands in a row of ``Room`` with an empty ``room_id``. When a hold for being
unreachable is over, one worker alone goes ahead and probes with one message; the others wait for
what it finds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cached_property

from django.db.models import F

from ..backends.base import Result
from ..conf import settings
from ..models import WHOLE_CONNECTION, Room
from ..querysets import RoomQuerySet
from ..states import HoldReason, Outcome, Scope
from . import clock, retry
from .lease import NO_HOLD, Lease
from .policies import policy_of

#: Outcomes that show a server at work, whatever it thinks of the message.
ANSWERED = (Outcome.ACCEPTED, Outcome.REJECTED)


class Way(Enum):
    """May messages of a connection leave?"""

    OPEN = "open"
    CLOSED = "closed"
    PROBE = "probe"
    """Only one, by this worker, to see whether the server is back."""


@dataclass(eq=False)
class Gate:
    """What a worker knows of a connection."""

    using: str
    connection: str
    way: Way = Way.OPEN
    failures: int = 0
    """Attempts in a row, over all rooms, that did not reach the server."""
    counts: bool | None = None
    """
    Does the chat tell of a limit for the whole connection, which workers share out?

    None: nobody has looked. After that only an answer of its own tells a worker so, when it counts
    what it has under way.
    """

    @property
    def probing(self) -> bool:
        """Is it held, and this worker the one that looks whether the server is back?"""
        return self.way is Way.PROBE

    @cached_property
    def policy(self) -> retry.Policy:
        """Its retry policy; the settings are asked once a run."""
        return policy_of(self.connection)

    def row(self) -> RoomQuerySet:
        """Return the row that holds the connection, if there is one."""
        return of_connection(self.using, self.connection)

    def made_row(self) -> RoomQuerySet:
        """Return the same row, which exists from now on."""
        return _made(self.using, self.connection, WHOLE_CONNECTION)


def of_connection(using: str, connection: str) -> RoomQuerySet:
    """Return the row that holds a connection, if there is one."""
    return Room.objects.using(using).filter(connection=connection, room_id=WHOLE_CONNECTION)


def look(gate: Gate, now: datetime) -> None:
    """See whether messages of a connection may leave, and claim the probe if it is due."""
    gate.way = Way.OPEN
    row = gate.row().first()
    if gate.counts is None:
        gate.counts = row is not None and row.limit_left is not None
    if row is None:
        return
    gate.failures = row.failures
    if not row.hold_reason:
        return
    if row.hold_until is None or row.hold_until > now:
        gate.way = Way.CLOSED
    elif row.hold_reason == HoldReason.UNREACHABLE:
        # If this worker dies, the next one may probe when a lease would have expired.
        until = now + timedelta(seconds=settings.lease_seconds)
        claimed = gate.row().filter(hold_until=row.hold_until).update(hold_until=until)
        gate.way = Way.PROBE if claimed else Way.CLOSED


def give_back_probe(gate: Gate, now: datetime) -> None:
    """Let another worker probe at once, since this one found nothing to send."""
    gate.row().filter(hold_reason=HoldReason.UNREACHABLE).update(hold_until=now)
    gate.way = Way.CLOSED


def pause(using: str, connection: str, room_id: str, *, note: str, by: str) -> Room:
    """Hold a room, or a connection, until it is resumed; return its row."""
    rows = _made(using, connection, room_id)
    _hold(rows, HoldReason.PAUSED, None, note=note, by=by)
    return rows.get()


def resume(using: str, connection: str, room_id: str) -> bool:
    """Lift any hold of a room, or of a connection; return whether there was one."""
    rows = Room.objects.using(using).filter(connection=connection, room_id=room_id)
    return bool(_lift(rows.exclude(hold_reason=HoldReason.NONE), failures=0))


def apply(
    lease: Lease,
    gate: Gate,
    results: Sequence[tuple[Result, retry.Verdict]],
    now: datetime,
    *,
    failures: int,
) -> None:
    """
    Hold or lift what the results of attempts in a room ask for; ``failures`` is its new count.

    Raise nothing if a person has paused the room or the connection meanwhile: that outlasts any
    wish of the server's.
    """
    if any(_is_alive(result) for result, _ in results) and (gate.probing or gate.failures):
        gate.way, gate.failures = Way.OPEN, 0
        automatic = (HoldReason.NONE, HoldReason.UNREACHABLE)
        _lift(gate.row().filter(hold_reason__in=automatic), failures=0)
    for scope in Scope:
        wishes = [v.hold_until for r, v in results if v.hold_until and r.scope == scope]
        if wishes:
            _hold(_covered(lease, gate, scope), HoldReason.RATE_LIMITED, max(wishes))
    last, _ = results[-1]
    if not _is_alive(last):
        _count_failure(lease, gate, last.scope, now, failures=failures)


@contextmanager
def kept_on_error(gates: Iterable[Gate]) -> Iterator[None]:
    """Restore what was known of connections if the block, a transaction, comes to nothing."""
    known = [(gate, gate.way, gate.failures, gate.counts) for gate in gates]
    try:
        yield
    except BaseException:
        for gate, way, failures, counts in known:
            gate.way, gate.failures, gate.counts = way, failures, counts
        raise


def _is_alive(result: Result) -> bool:
    """Does a result show a server at work, even one that takes no more for now?"""
    return result.outcome in ANSWERED or result.rate_limited


def _count_failure(lease: Lease, gate: Gate, scope: Scope, now: datetime, *, failures: int) -> None:
    """Hold the room, or the connection, that has failed too often in a row."""
    if gate.probing or scope == Scope.CONNECTION:
        scope = Scope.CONNECTION
        failures = _count_connection_failure(gate)
    if gate.probing or failures >= retry.BREAKER_FAILURES:
        if scope == Scope.CONNECTION:
            gate.way = Way.CLOSED
        wait = retry.backoff(failures - retry.BREAKER_FAILURES + 1, gate.policy)
        until = now + timedelta(seconds=wait)
        _hold(_covered(lease, gate, scope), HoldReason.UNREACHABLE, until)


def _count_connection_failure(gate: Gate) -> int:
    """Count an attempt that did not reach the server, over all rooms; return how many in a row."""
    rows = gate.made_row()
    rows.update(failures=F("failures") + 1)
    gate.failures = rows.values_list("failures", flat=True).get()
    return gate.failures


def _covered(lease: Lease, gate: Gate, scope: Scope) -> RoomQuerySet:
    return gate.made_row() if scope == Scope.CONNECTION else lease.room()


def _hold(
    rows: RoomQuerySet, reason: HoldReason, until: datetime | None, *, note: str = "", by: str = ""
) -> None:
    if reason is not HoldReason.PAUSED:
        rows = rows.exclude(hold_reason=HoldReason.PAUSED)
        rows = rows.exclude(hold_reason=HoldReason.RATE_LIMITED, hold_until__gt=until)
    now = clock.now(rows.db)
    rows.update(
        hold_reason=reason,
        hold_until=until,
        hold_note=note,
        held_at=now,
        held_by=by,
        modified=now,
    )


def _made(using: str, connection: str, room_id: str) -> RoomQuerySet:
    """Return the row of a room, or of a connection, which exists from now on."""
    rows = Room.objects.using(using).filter(connection=connection, room_id=room_id)
    if not rows.exists():
        Room.objects.using(using).get_or_create(connection=connection, room_id=room_id)
    return rows


def _lift(rows: RoomQuerySet, **changes: int) -> int:
    """Forget a hold, and what stood with it; return how many rows had one."""
    return rows.update(**NO_HOLD, **changes)
