"""
Sharing out what is left of a connection's limit, so that many workers together stay below it.

A chat that tells of its limit with each answer (HipChat's ``X-RateLimit-*``) tells one worker
nothing of the messages that the others have under way. So what is left stands in the connection's
row, and a worker takes its part before it sends. A connection whose chat tells of no limit costs
nothing here; one with more left than workers can have under way costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q

from ..backends.base import Allowance
from ..querysets import RoomQuerySet
from .holds import Gate

#: Messages left above which nobody counts: more than all workers have under way.
UNCOUNTED = 5_000
#: Two resets that are closer than this are the same one, told with another rounding.
SAME_RESET = timedelta(seconds=1.5)


def take(gate: Gate, messages: int, now: datetime) -> int:
    """Return how many of so many messages may be sent now, having taken them from the limit."""
    if not gate.counts:
        return messages
    if _take(gate.row(), messages, now):
        return messages
    row = gate.row().first()
    if row is None or row.limit_left is None:
        gate.counts = False
        return messages
    if row.limit_resets_at is not None and row.limit_resets_at <= now:
        # A new time of the limit has begun. Until an answer tells how long it lasts, nobody knows.
        granted = min(messages, row.limit_total or messages)
        same = gate.row().filter(limit_resets_at=row.limit_resets_at)
        begun = same.update(
            limit_left=(row.limit_total or messages) - granted, limit_resets_at=None
        )
        return granted if begun else take(gate, messages, now)
    if row.limit_left:
        granted = min(messages, row.limit_left)
        return granted if _take(gate.row(), granted, now) else 0
    # Whoever had taken the last ones may have died before an answer told when there are more.
    return 0 if row.limit_resets_at else 1


def _take(rows: RoomQuerySet, messages: int, now: datetime) -> int:
    running = Q(limit_resets_at=None) | Q(limit_resets_at__gt=now)
    return rows.filter(running, limit_left__gte=messages).update(
        limit_left=F("limit_left") - messages
    )


def give_back(gate: Gate, messages: int) -> None:
    """Return messages to the limit that were taken from it and not sent."""
    if gate.counts and messages:
        gate.row().update(limit_left=F("limit_left") + messages)


def learn(gate: Gate, told: Sequence[Allowance], now: datetime, *, under_way: int) -> None:
    """
    Write down what the chat told of its limit, inside the transaction that records the outcomes.

    ``under_way`` messages of this worker are not answered yet.
    """
    if not told:
        return
    last = min(told, key=lambda allowance: allowance.left)
    if last.left > UNCOUNTED and not gate.counts:
        return
    resets_at = now + timedelta(seconds=last.seconds)
    row = gate.made_row().select_for_update().get()
    is_new = row.limit_resets_at is not None and resets_at > row.limit_resets_at + SAME_RESET
    left = last.left
    if row.limit_left is not None and not is_new:
        left = min(left, row.limit_left)
    if is_new or not gate.counts:
        left -= under_way  # which were not taken from what is left now
    left = max(left, 0)
    gate.counts = True
    gate.row().update(limit_total=last.total, limit_left=left, limit_resets_at=resets_at)
