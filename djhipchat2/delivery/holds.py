"""
What keeps messages from a room, or from every room of a connection.

A connection's hold stands in a row of ``Room`` with an empty ``room_id``. When a hold for being
unreachable is over, one worker alone goes ahead and probes with one message; the others wait for
what it finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from ..backends.base import Result
from ..conf import settings
from ..models import WHOLE_CONNECTION, Room
from ..querysets import RoomQuerySet
from ..states import HoldReason, Outcome, Scope
from . import retry
from .lease import Lease

#: Outcomes that show a server at work, whatever it thinks of the message.
ANSWERED = (Outcome.ACCEPTED, Outcome.REJECTED)


class Way(Enum):
    """May messages of a connection leave?"""

    OPEN = "open"
    CLOSED = "closed"
    PROBE = "probe"
    """Only one, by this worker, to see whether the server is back."""


def of_connection(using: str, connection: str) -> RoomQuerySet:
    """Return the row that holds a connection, if there is one."""
    return Room.objects.using(using).filter(connection=connection, room_id=WHOLE_CONNECTION)


def way(using: str, connection: str, now: datetime) -> Way:
    """Return whether messages of a connection may leave, having claimed the probe if it is due."""
    row = of_connection(using, connection).first()
    if row is None or not row.hold_reason:
        return Way.OPEN
    if row.hold_until is None or row.hold_until > now:
        return Way.CLOSED
    if row.hold_reason != HoldReason.UNREACHABLE:
        return Way.OPEN
    # If this worker dies, the next one may probe when a lease would have expired.
    until = now + timedelta(seconds=settings.lease_seconds)
    same = of_connection(using, connection).filter(hold_until=row.hold_until)
    return Way.PROBE if same.update(hold_until=until) else Way.CLOSED


def give_back_probe(using: str, connection: str, now: datetime) -> None:
    """Let another worker probe at once, since this one found nothing to send."""
    rows = of_connection(using, connection)
    rows.filter(hold_reason=HoldReason.UNREACHABLE).update(hold_until=now)


def apply(
    lease: Lease,
    results: Sequence[tuple[Result, retry.Verdict]],
    now: datetime,
    policy: retry.Policy,
) -> None:
    """
    Hold or lift what the results of attempts ask for.

    Raise nothing if a person has paused the room or the connection meanwhile: that outlasts any
    wish of the server's.
    """
    if lease.probing and any(_is_alive(result) for result, _ in results):
        lease.probing = False
        _lift(of_connection(lease.using, lease.connection))
    for scope in Scope:
        wishes = [v.hold_until for r, v in results if v.hold_until and r.scope == scope]
        if wishes:
            _hold(lease, scope, HoldReason.RATE_LIMITED, max(wishes))
    last, _ = results[-1]
    if _is_alive(last):
        return
    if lease.probing:
        lease.probing = False
        _hold_unreachable(lease, Scope.CONNECTION, now, policy)
    elif lease.failures >= retry.BREAKER_FAILURES:
        _hold_unreachable(lease, last.scope, now, policy)


def _is_alive(result: Result) -> bool:
    """Does a result show a server at work, even one that takes no more for now?"""
    return result.outcome in ANSWERED or result.rate_limited


def _hold_unreachable(lease: Lease, scope: Scope, now: datetime, policy: retry.Policy) -> None:
    failures = lease.failures
    if scope == Scope.CONNECTION:
        row = of_connection(lease.using, lease.connection).first()
        failures = (row.failures if row else retry.BREAKER_FAILURES - 1) + 1
    wait = retry.backoff(failures - retry.BREAKER_FAILURES + 1, policy)
    until = now + timedelta(seconds=wait)
    _hold(lease, scope, HoldReason.UNREACHABLE, until, failures=failures)


def _hold(lease: Lease, scope: Scope, reason: HoldReason, until: datetime, **changes: int) -> None:
    rows = lease.room()
    if scope == Scope.CONNECTION:
        rows = of_connection(lease.using, lease.connection)
        Room.objects.using(lease.using).get_or_create(
            connection=lease.connection, room_id=WHOLE_CONNECTION
        )
    rows.exclude(hold_reason=HoldReason.PAUSED).update(
        hold_reason=reason, hold_until=until, **changes
    )


def _lift(rows: RoomQuerySet) -> None:
    rows.exclude(hold_reason=HoldReason.PAUSED).update(
        hold_reason=HoldReason.NONE, hold_until=None, failures=0
    )
