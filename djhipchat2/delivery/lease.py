"""
The right to deliver to a room: one compare-and-swap on its row, the same on every database.

A lease ends when it is given back or when it expires; whoever takes an expired one over makes the
former holder's writes fail, since each of them asks for the token of the lease.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from ..conf import settings
from ..models import Room
from ..querysets import RoomQuerySet
from ..states import HoldReason
from . import clock


class LeaseLost(Exception):
    """Somebody else has taken the room over; nothing may be recorded any more."""


@dataclass
class Lease:
    """A room that this worker alone delivers to."""

    using: str
    room_pk: int
    connection: str
    room_id: str
    token: str
    owner: str
    deadline: float
    """Time of ``time.monotonic()`` at which the lease expires, at the earliest."""
    former_owner: str = ""
    """Whose expired lease was taken over; empty: nobody's."""
    failures: int = 0
    """Failures in a row in this room so far."""
    connection_failures: int = 0
    """Attempts in a row, over all rooms of the connection, that did not reach the server."""
    probing: bool = False
    """Is the connection held, and this worker the one that looks whether the server is back?"""

    def room(self) -> RoomQuerySet:
        """Return the room's row if the lease is still ours."""
        return Room.objects.using(self.using).filter(pk=self.room_pk, lease_token=self.token)

    def update(self, **changes: Any) -> None:
        """Change the room's row. Raise LeaseLost if the lease is no longer ours."""
        if not self.room().update(**changes):
            raise LeaseLost(self.room_id)


def claim(connection: str, room_id: str, *, owner: str, using: str) -> Lease | None:
    """
    Return a lease of the room; None if somebody else has it or the room is on hold.

    Raise RuntimeError inside a transaction: what happens next is HTTP.
    """
    with transaction.atomic(using=using, durable=True):
        pass  # only the refusal is wanted: what follows are statements of their own
    now = clock.now(using)
    room, _ = Room.objects.using(using).get_or_create(connection=connection, room_id=room_id)
    token = uuid4().hex
    seconds = settings.lease_seconds
    deadline = time.monotonic() + seconds
    claimed = (
        Room.objects.using(using)
        .filter(pk=room.pk, lease_token=room.lease_token)
        .free(now)
        .open(now)
        .update(
            lease_token=token,
            lease_owner=owner,
            lease_expires_at=now + timedelta(seconds=seconds),
            hold_reason=HoldReason.NONE,  # what is over by now
            hold_until=None,
            hold_note="",
            modified=now,
        )
    )
    if not claimed:
        return None
    former_owner = room.lease_owner if room.lease_token else ""
    return Lease(
        using, room.pk, connection, room_id, token, owner, deadline, former_owner, room.failures
    )


def ensure(lease: Lease, seconds: float) -> None:
    """
    Make the lease last for so many seconds more, and half of its length on top.

    Raise LeaseLost if it is no longer ours.
    """
    length = settings.lease_seconds
    if lease.deadline - time.monotonic() >= seconds + length / 2:
        return
    wanted = seconds + length
    deadline = time.monotonic() + wanted
    now = clock.now(lease.using)
    lease.update(lease_expires_at=now + timedelta(seconds=wanted), modified=now)
    lease.deadline = deadline


def release(lease: Lease) -> None:
    """Give the room back; nothing happens if it has been taken over."""
    lease.room().update(lease_token="", lease_owner="", lease_expires_at=None)
