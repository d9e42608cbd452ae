"""Questions that are asked of the outbox's rows, in the field's verbs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from .states import HoldReason, Status

if TYPE_CHECKING:
    from .models import OutboundMessage, Room  # noqa: F401 - QuerySet["Room"] names it


class RoomQuerySet(QuerySet["Room"]):
    """Rows of rooms."""

    def free(self, now: datetime) -> RoomQuerySet:
        """Rooms that nobody has a lease of."""
        return self.filter(Q(lease_expires_at=None) | Q(lease_expires_at__lte=now))

    def open(self, now: datetime) -> RoomQuerySet:
        """Rooms that nothing holds."""
        return self.filter(Q(hold_reason=HoldReason.NONE) | Q(hold_until__lte=now))

    def held(self, now: datetime) -> RoomQuerySet:
        """Rooms that something holds."""
        return self.exclude(hold_reason=HoldReason.NONE).exclude(hold_until__lte=now)


class OutboundMessageQuerySet(QuerySet["OutboundMessage"]):
    """Rows of messages."""

    def queued(self) -> OutboundMessageQuerySet:
        return self.filter(status=Status.QUEUED)

    def in_room(self, connection: str, room_id: str) -> OutboundMessageQuerySet:
        return self.filter(connection=connection, room_id=room_id)

    def due(self, now: datetime) -> OutboundMessageQuerySet:
        """Queued messages whose time has come and is not over."""
        return self.queued().filter(
            Q(next_attempt_at=None) | Q(next_attempt_at__lte=now),
            Q(expires_at=None) | Q(expires_at__gt=now),
            held=False,
        )

    def sending(self) -> OutboundMessageQuerySet:
        return self.filter(status=Status.SENDING)

    def held(self) -> OutboundMessageQuerySet:
        """Queued messages that somebody must decide about."""
        return self.queued().filter(held=True)

    def overdue_to_expire(self, now: datetime) -> OutboundMessageQuerySet:
        """Queued messages that are past their ``expires_at``."""
        return self.queued().filter(expires_at__lte=now)

    def cancel(self, now: datetime) -> int:
        """Cancel those that are still queued; return how many."""
        return self.queued().update(
            status=Status.CANCELLED, held=False, finished_at=now, next_attempt_at=None, modified=now
        )

    def aliases(self) -> Iterator[str]:
        """Yield the connections that have a queued message, each by one index look-up."""
        names = self.queued().order_by("connection").values_list("connection", flat=True)
        name = names.first()
        while name is not None:
            yield name
            name = names.filter(connection__gt=name).first()

    def rooms(self, *, using: str | None = None) -> Iterator[tuple[str, str]]:
        """
        Yield (connection, room) of every room with a queued message.

        One short index look-up a room, however many messages wait in it: a DISTINCT would read
        them all.
        """
        queued = self.queued().order_by("connection", "room_id")
        if using is not None:
            queued = queued.filter(connection=using)
        place: tuple[str, str] | None = queued.values_list("connection", "room_id").first()
        while place is not None:
            yield place
            place = _next_room(queued, *place)


def _next_room(queued: QuerySet[Any], connection: str, room_id: str) -> tuple[str, str] | None:
    rooms = queued.values_list("connection", "room_id")
    return (
        rooms.filter(connection=connection, room_id__gt=room_id).first()
        or rooms.filter(connection__gt=connection).first()
    )
