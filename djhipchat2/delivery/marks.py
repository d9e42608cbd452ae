"""
Marking messages as being sent, and taking the mark back.

Every write asks for the lease's token: a worker whose room was taken over changes nothing. The
messages may be of many rooms, all leased by one run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef

from ..compiled import compiled
from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..querysets import OutboundMessageQuerySet
from ..states import Status


def mark(
    token: str,
    rows: Sequence[OutboundMessage],
    now: datetime,
    *,
    using: str,
    probed: Sequence[str] = (),
) -> list[OutboundMessage]:
    """
    Mark queued rows as being sent and return those that were still due, in order.

    A row that was cancelled meanwhile is left out, as is one whose lease is lost, or whose room or
    connection was put on hold; the hold of a connection in ``probed`` does not count.
    """
    keys = [row.pk for row in rows]
    marked = _mark(using, token, keys, now, list(probed))
    ours = list(rows)
    if marked < len(rows):
        left = set(marked_by(token, using).filter(pk__in=keys).values_list("pk", flat=True))
        ours = [row for row in rows if row.pk in left]
    for row in ours:
        row.attempts += 1
    return ours


@compiled
def _mark(using: str, token: str, keys: list[int], now: datetime, probed: list[str]) -> int:
    rooms = Room.objects.using(using).filter(connection=OuterRef("connection"))
    leased = rooms.filter(room_id=OuterRef("room_id"), lease_token=token).open(now)
    held = rooms.filter(room_id=WHOLE_CONNECTION).held(now).exclude(connection__in=probed)
    return (
        OutboundMessage.objects.using(using)
        .due(now)
        .filter(Exists(leased), ~Exists(held), pk__in=keys)
        .update(
            status=Status.SENDING,
            attempts=F("attempts") + 1,
            lease_token=token,
            attempt_started_at=now,
            modified=now,
        )
    )


def unmark(token: str, rows: Sequence[OutboundMessage], *, using: str) -> None:
    """Put rows back that were marked and not tried, with their attempt refunded."""
    if not rows:
        return
    marked_by(token, using).filter(pk__in=[row.pk for row in rows]).update(
        status=Status.QUEUED,
        attempts=F("attempts") - 1,
        lease_token="",
        attempt_started_at=None,
    )
    for row in rows:
        row.attempts -= 1


def marked_by(token: str, using: str) -> OutboundMessageQuerySet:
    """Return the rows that a run has marked and not recorded."""
    rows = OutboundMessage.objects.using(using)
    return rows.filter(status=Status.SENDING, lease_token=token)


def expire(rows: OutboundMessageQuerySet, now: datetime) -> int:
    """Give queued rows the final status ``expired`` if their time is over; return how many."""
    return rows.overdue_to_expire(now).update(
        status=Status.EXPIRED,
        held=False,
        error="It was still queued when it expired.",
        finished_at=now,
        next_attempt_at=None,
        modified=now,
    )


@compiled
def expire_in(using: str, connections: list[str], rooms: list[str], now: datetime) -> int:
    """Do the same for rows of rooms by these names, of these connections."""
    rows = OutboundMessage.objects.using(using)
    return expire(rows.filter(connection__in=connections, room_id__in=rooms), now)
