"""Bringing back what vanished workers left as being sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from ..backends.base import Result
from ..models import OutboundMessage, Room
from ..states import Outcome, Trigger
from .attempt import Attempt
from .holds import Gate
from .judging import Tried
from .lease import Lease, LeaseLost, Place
from .record import record


def abandoned(using: str, now: datetime, place: Place | None = None) -> list[Place]:
    """
    Return the rooms in which vanished workers left rows as being sent; of all, or whether of one.

    Nobody has them any more: their leases are over, or were given back with a message in hand.
    """
    rows = OutboundMessage.objects.using(using).sending()
    if place is not None:
        rows = rows.in_room(*place)
        if not rows.exists():
            return []
    rooms = Room.objects.using(using).filter(
        connection=OuterRef("connection"), room_id=OuterRef("room_id")
    )
    left = rows.filter(Exists(rooms.free(now))).order_by("connection", "room_id")
    return list(left.values_list("connection", "room_id").distinct())


def recover(lease: Lease, gate: Gate, *, trigger: Trigger) -> int:
    """
    Bring back the rows of a room that a vanished worker left as being sent; return how many.

    Nobody knows whether the chat took them, so the outcome is *unknown*. The attempt counts: a
    message that kills its workers comes to its limit here. The room is not put on hold for it.
    Raise LeaseLost if the room was taken over.
    """
    in_room = OutboundMessage.objects.using(lease.using).in_room(lease.connection, lease.room_id)
    sending = in_room.sending().exclude(lease_token=lease.token)
    rows = list(sending.order_by("pk"))
    if not rows:
        return 0
    former = lease.former_owner or "A worker"
    result = Result(Outcome.UNKNOWN, error=f"{former} vanished before it recorded an outcome.")
    attempts = [Attempt(row, result, row.attempt_started_at or row.modified, None) for row in rows]
    with transaction.atomic(using=lease.using):
        ours = sending.filter(Exists(lease.room()), pk__in=[row.pk for row in rows])
        if ours.update(lease_token=lease.token) < len(rows):
            raise LeaseLost
        record([Tried(lease, gate, attempts, is_recovery=True)], trigger=trigger)
    return len(rows)
