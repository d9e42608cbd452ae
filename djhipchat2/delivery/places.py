"""Finding the rooms in which something waits, however many rooms or messages there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from ..querysets import OutboundMessageQuerySet
from .lease import Place

#: Messages that one look at the queue is about. One with a thousand rooms costs as little as one
#: with a thousand messages in a room: it ends here, and the next look begins at the next room.
SEEN_AT_ONCE = 256


@dataclass(frozen=True)
class Waiting:
    """A room with queued messages, and what a look at the queue said of it."""

    place: Place
    number: int | None = None
    """How many messages were queued; None: more than were looked at, or nobody has looked."""
    due_from: datetime | None = None
    """When the first of these is due, if there is one that will be and they are all known."""

    def may_be_due(self, now: datetime) -> bool:
        """Can something be due by now? Where nobody has looked, it can."""
        return self.number is None or (self.due_from is not None and self.due_from <= now)


Places = Iterator[Waiting]


def waiting_rooms(queued: OutboundMessageQuerySet, now: datetime) -> Places:
    """Yield the rooms of queued messages, connection by connection."""
    rows = queued.order_by("connection", "room_id").values_list(
        "connection", "room_id", "next_attempt_at", "expires_at", "held"
    )
    seen = list(rows[:SEEN_AT_ONCE])
    while seen:
        for place, group in groupby(seen, key=lambda row: row[:2]):
            is_cut = len(seen) == SEEN_AT_ONCE and place == seen[-1][:2]
            yield Waiting(place) if is_cut else _known(place, list(group), now)
        if len(seen) < SEEN_AT_ONCE:
            return
        seen = _after(rows, *seen[-1][:2])


def _after(rows: QuerySet[Any, tuple[Any, ...]], connection: str, room_id: str) -> list[Any]:
    """Return the first rows beyond a room, by two short looks at the index."""
    seen = list(rows.filter(connection=connection, room_id__gt=room_id)[:SEEN_AT_ONCE])
    rest = SEEN_AT_ONCE - len(seen)
    return seen + list(rows.filter(connection__gt=connection)[:rest]) if rest else seen


def _known(place: Place, group: Sequence[tuple[Any, ...]], now: datetime) -> Waiting:
    times = [
        again or now
        for *_, again, expires_at, held in group
        if not held and (expires_at is None or expires_at > (again or now))
    ]
    return Waiting(place, len(group), min(times, default=None))
