"""
Sharing out what is left of a connection's limit, so that many workers together stay below it.

A chat that tells of its limit with each answer (HipChat's ``X-RateLimit-*``) tells one worker
nothing of the messages that the others have under way. So what the chat said last stands in the
connection's row, beside the number of messages under way, and a worker takes its part before it
sends. A connection whose chat tells of no limit costs nothing here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Case, F, Q, When

from ..conf import settings
from ..models import OutboundMessage
from ..querysets import RoomQuerySet
from .attempt import Attempt
from .holds import Gate

#: Messages left above which nobody counts: more than all workers have under way.
UNCOUNTED = 5_000
#: Two resets that are closer than this are the same one, told with another rounding.
SAME_RESET = timedelta(seconds=1.5)


def take(gate: Gate, messages: int, now: datetime) -> int:
    """
    Return how many of so many messages may be sent now, having counted them as under way.

    ``give_back()`` has to follow for each, whatever becomes of it.
    """
    if _take(gate.row(), messages, now):
        return messages
    row = gate.row().first()
    if row is None or row.limit_left is None:
        gate.counts = False
        return messages
    if row.limit_resets_at is not None and row.limit_resets_at <= now:
        # A new time of the limit has begun. Until an answer tells how long it lasts, nobody knows.
        gate.row().filter(limit_resets_at=row.limit_resets_at).update(
            limit_left=row.limit_total or messages,
            limit_resets_at=None,
            limit_taken=_under_way(gate),
            modified=now,
        )
        row.refresh_from_db(fields=["limit_left", "limit_taken"])
    elif now - row.modified > _lease():
        # Nobody has had an answer for so long: whoever took its part and marked nothing is gone.
        gate.row().filter(modified=row.modified).update(limit_taken=_under_way(gate), modified=now)
        row.refresh_from_db(fields=["limit_left", "limit_taken"])
    available = min(messages, row.limit_left - row.limit_taken)
    return available if available > 0 and _take(gate.row(), available, now) else 0


def _lease() -> timedelta:
    return timedelta(seconds=settings.lease_seconds)


def _under_way(gate: Gate) -> int:
    """Return how many messages are marked: what a worker took that vanished before is not."""
    rows = OutboundMessage.objects.using(gate.using).sending()
    return rows.filter(connection=gate.connection).count()


def _take(rows: RoomQuerySet, messages: int, now: datetime) -> int:
    running = Q(limit_resets_at=None) | Q(limit_resets_at__gt=now)
    return rows.filter(running, limit_left__gte=F("limit_taken") + messages).update(
        limit_taken=F("limit_taken") + messages
    )


def give_back(gate: Gate, messages: int) -> None:
    """Count messages as not under way any more: answered, not sent, or lost with their worker."""
    if gate.counts and messages:
        # Not Greatest(): MariaDB refuses to count below zero, even on the way to something else.
        rest = When(limit_taken__gte=messages, then=F("limit_taken") - messages)
        gate.row().update(limit_taken=Case(rest, default=0))


def learn(gate: Gate, attempts: Sequence[Attempt], now: datetime, *, under_way: int) -> None:
    """
    Write down what the chat told of its limit, inside the transaction that records the attempts.

    ``under_way`` messages of this worker are not answered yet. If this is the first that it hears
    of the limit, they are counted now. Those of ``attempts`` are answered, and to be given back.
    """
    told = [(made.result.allowance, made) for made in attempts if made.result.allowance]
    if not told:
        return
    last, made = min(told, key=lambda each: each[0].left)
    if last.left > UNCOUNTED and not gate.counts:
        return
    # From when it was told: a database that lets its writers wait must not look like a new time.
    resets_at = made.ended_at + timedelta(seconds=last.seconds)
    row = gate.made_row().select_for_update().get()
    is_new = row.limit_resets_at is not None and resets_at > row.limit_resets_at + SAME_RESET
    left = last.left
    if row.limit_left is not None and not is_new:
        left = min(left, row.limit_left)  # answers may come in another order than they were given
    changes: dict[str, object] = {
        "limit_total": last.total,
        "limit_left": left,
        "limit_resets_at": resets_at,
        "modified": now,
    }
    if not gate.counts:
        changes["limit_taken"] = F("limit_taken") + under_way
    elif is_new:
        changes["limit_taken"] = _under_way(gate) + len(attempts)
    gate.counts = True
    gate.row().update(**changes)
