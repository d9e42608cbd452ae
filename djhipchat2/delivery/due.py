"""What is due in rooms: asked of one, or of many with one statement a connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ..models import OutboundMessage
from ..querysets import OutboundMessageQuerySet
from .lease import Place
from .places import Waiting


def still_due(using: str, rooms: Sequence[Waiting], now: datetime) -> list[Waiting]:
    """Return those of the rooms in which something is due; others may have been there meanwhile."""
    known = {room.place for room in rooms if room.number is not None}
    due = dict.fromkeys(places_due(using, known, now))
    found = [
        room
        for room in rooms
        if (room.place in due if room.place in known else _is_due(using, room.place, now))
    ]
    # A database that compares without case may answer with another spelling.
    return found + [Waiting(place) for place in due if place not in known]


def read(using: str, place: Place, number: int, now: datetime) -> list[OutboundMessage]:
    """Return the first messages that are due in a room, so many at most."""
    return list(_in_room(using, place).due(now).order_by("pk")[:number])


def places_due(using: str, places: Iterable[Place], now: datetime) -> Iterator[Place]:
    """Yield those of the rooms in which something is due: all of it is read, so not many."""
    for connection, names in _by_connection(places).items():
        due = _in_rooms(using, connection, names).due(now)
        yield from due.order_by().values_list("connection", "room_id").distinct()


def read_together(
    using: str, numbers: Mapping[Place, int], more: int, now: datetime
) -> dict[Place, list[OutboundMessage]]:
    """
    Return the due messages of rooms that had so few, but for rooms that need a look of their own.

    Those are of a connection to which more messages have come since than ``more``, or whose rooms
    have other spellings in a database that compares without case.
    """
    found: dict[Place, list[OutboundMessage]] = {}
    for connection, names in _by_connection(numbers).items():
        of_room: dict[Place, list[OutboundMessage]] = {(connection, name): [] for name in names}
        limit = sum(numbers[place] for place in of_room) + more
        rows = list(_in_rooms(using, connection, names).due(now).order_by("pk")[:limit])
        for row in rows:
            of_room.setdefault((row.connection, row.room_id), []).append(row)
        if len(rows) < limit and len(of_room) == len(names):
            found |= of_room
    return found


def _is_due(using: str, place: Place, now: datetime) -> bool:
    return _in_room(using, place).due(now).exists()


def _in_room(using: str, place: Place) -> OutboundMessageQuerySet:
    return OutboundMessage.objects.using(using).in_room(*place)


def _in_rooms(using: str, connection: str, names: list[str]) -> OutboundMessageQuerySet:
    rows = OutboundMessage.objects.using(using)
    return rows.filter(connection=connection, room_id__in=names)


def _by_connection(places: Iterable[Place]) -> dict[str, list[str]]:
    names: dict[str, list[str]] = defaultdict(list)
    for connection, room_id in places:
        names[connection].append(room_id)
    return names
