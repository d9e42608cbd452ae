"""What a room has been sent, as a wall in the order of the chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from ..models import OutboundMessage, Room
from ..states import Status
from . import preview, rendering
from .pages import Newest, Place

#: Messages that a page of the wall shows.
SHOWN = 50
#: Messages that an open page asks for at most when it looks for what is new.
FOLLOWED = 200


@dataclass(frozen=True)
class Line:
    """A message on the wall."""

    row: OutboundMessage
    html: SafeString | None
    """None: only the source can be shown."""
    time: SafeString
    status: SafeString


@dataclass(frozen=True)
class Wall:
    """A page of the wall, the oldest message first."""

    lines: list[Line]
    older: Place | None
    newer: Place | None

    @property
    def first(self) -> int:
        """The number of the oldest message."""
        return self.lines[0].row.pk if self.lines else 0


def of_room(room: Room) -> QuerySet[OutboundMessage]:
    """Return all messages to a room."""
    return OutboundMessage.objects.in_room(room.connection, room.room_id)


def wall(room: Room, place: Place) -> Wall:
    """Return a page of the wall; without a place, that of the latest messages."""
    found = Newest(SHOWN).find([of_room(room)], place)
    return Wall([line(row) for row in reversed(found.rows)], found.following, found.previous)


def since(room: Room, number: int) -> list[Line]:
    """Return the messages from a number on, the oldest first: what an open page shows by now."""
    rows = of_room(room).filter(pk__gte=number).order_by("-pk")[:FOLLOWED]
    return [line(row) for row in reversed(rows)]


def line(row: OutboundMessage) -> Line:
    """Return a message as the wall shows it."""
    moved: Any = row.sent_at or row.created
    return Line(
        row,
        preview.inline(row.message, row.message_format),
        rendering.time_element(moved),
        rendering.badge(Status(row.status)),
    )
