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

from django.db.models import F

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


def way(using: str, connection: str, now: datetime) -> tuple[Way, int]:
    """
    Return whether messages of a connection may leave, having claimed the probe if it is due.

    The number is that of the attempts in a row that did not reach the server.
    """
    row = of_connection(using, connection).first()
    if row is None:
        return Way.OPEN, 0
    if not row.hold_reason:
        return Way.OPEN, row.failures
    if row.hold_until is None or row.hold_until > now:
        return Way.CLOSED, row.failures
    if row.hold_reason != HoldReason.UNREACHABLE:
        return Way.OPEN, row.failures
    # If this worker dies, the next one may probe when a lease would have expired.
    until = now + timedelta(seconds=settings.lease_seconds)
    same = of_connection(using, connection).filter(hold_until=row.hold_until)
    return (Way.PROBE if same.update(hold_until=until) else Way.CLOSED), row.failures


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
    if any(_is_alive(result) for result, _ in results) and (
        lease.probing or lease.connection_failures
    ):
        lease.probing, lease.connection_failures = False, 0
        _lift(of_connection(lease.using, lease.connection))
    for scope in Scope:
        wishes = [v.hold_until for r, v in results if v.hold_until and r.scope == scope]
        if wishes:
            _hold(lease, scope, HoldReason.RATE_LIMITED, max(wishes))
    last, _ = results[-1]
    if not _is_alive(last):
        _count_failure(lease, last.scope, now, policy)


def _is_alive(result: Result) -> bool:
    """Does a result show a server at work, even one that takes no more for now?"""
    return result.outcome in ANSWERED or result.rate_limited


def _count_failure(lease: Lease, scope: Scope, now: datetime, policy: retry.Policy) -> None:
    """Hold the room, or the connection, that has failed too often in a row."""
    failures = lease.failures
    if lease.probing or scope == Scope.CONNECTION:
        scope = Scope.CONNECTION
        failures = _count_connection_failure(lease)
    if lease.probing or failures >= retry.BREAKER_FAILURES:
        lease.probing = False
        wait = retry.backoff(failures - retry.BREAKER_FAILURES + 1, policy)
        _hold(lease, scope, HoldReason.UNREACHABLE, now + timedelta(seconds=wait))


def _count_connection_failure(lease: Lease) -> int:
    """Count an attempt that did not reach the server, over all rooms; return how many in a row."""
    rows = _made(lease)
    rows.update(failures=F("failures") + 1)
    lease.connection_failures = rows.values_list("failures", flat=True).get()
    return lease.connection_failures


def _hold(lease: Lease, scope: Scope, reason: HoldReason, until: datetime) -> None:
    rows = _made(lease) if scope == Scope.CONNECTION else lease.room()
    rows.exclude(hold_reason=HoldReason.PAUSED).update(hold_reason=reason, hold_until=until)


def _made(lease: Lease) -> RoomQuerySet:
    """Return the connection's row, which exists from now on."""
    Room.objects.using(lease.using).get_or_create(
        connection=lease.connection, room_id=WHOLE_CONNECTION
    )
    return of_connection(lease.using, lease.connection)


def _lift(rows: RoomQuerySet) -> None:
    """Forget that the server could not be reached; other holds stay."""
    rows.filter(hold_reason__in=(HoldReason.NONE, HoldReason.UNREACHABLE)).update(
        hold_reason=HoldReason.NONE, hold_until=None, failures=0
    )
