"""
The right to deliver to rooms: a compare-and-swap on their rows, the same on every database.

A lease ends when it is given back or when it expires; whoever takes an expired one over makes the
former holder's writes fail, since each of them asks for the token of the lease. The rooms that a
worker has in one run share a token, so that one statement serves them all.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connections as databases
from django.db import transaction

from ..compiled import compiled
from ..conf import settings
from ..models import Room
from ..querysets import RoomQuerySet
from ..states import HoldReason
from . import clock

#: The columns of a room that nothing holds.
NO_HOLD: dict[str, object] = {
    "hold_reason": HoldReason.NONE,
    "hold_until": None,
    "hold_note": "",
    "held_at": None,
    "held_by": "",
}

Place = tuple[str, str]
"""A connection's alias and a room."""


@dataclass(eq=False)
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

    @property
    def place(self) -> Place:
        """Its connection and room."""
        return self.connection, self.room_id

    def room(self) -> RoomQuerySet:
        """Return the room's row if the lease is still ours."""
        return rooms_of([self])


class LeaseLost(Exception):
    """Somebody else has taken rooms over; nothing may be recorded about them any more."""


def rooms_of(leases: Sequence[Lease]) -> RoomQuerySet:
    """Return the rows of those rooms whose leases, all of one run, are still ours."""
    first = leases[0]
    return leased(first.using, first.token, [lease.room_pk for lease in leases])


def leased(using: str, token: str, keys: Sequence[int]) -> RoomQuerySet:
    """Return the rows of those rooms that a run has leased."""
    return Room.objects.using(using).filter(pk__in=keys, lease_token=token)


def claim(
    places: Collection[Place], *, token: str, owner: str, using: str, held_too: bool = False
) -> dict[Place, Lease]:
    """
    Return leases of those rooms that nobody has and that are not on hold, in the order given.

    A database that compares without case has one row for several spellings of a room. It is leased
    once, by the first of them, and what waits there is found under any.

    With ``held_too`` a room's hold does not count, and stays: for work that sends nothing. Raise
    RuntimeError inside a transaction: what happens next is HTTP.
    """
    _refuse_transaction(using)
    rooms: dict[int, tuple[Place, Room]] = {}
    for place, room in _rows(places, using).items():
        rooms.setdefault(room.pk, (place, room))
    keys = set(rooms)
    now = clock.now(using)
    seconds = settings.lease_seconds
    deadline = time.monotonic() + seconds
    until = now + timedelta(seconds=seconds)
    if _claim(using, token, list(keys), owner, now, until, held_too) < len(keys):
        keys = set(leased(using, token, list(keys)).values_list("pk", flat=True))
    return {
        place: Lease(
            using,
            room.pk,
            *place,
            token,
            owner,
            deadline,
            former_owner=room.lease_owner if room.lease_token not in ("", token) else "",
            failures=room.failures,
        )
        for key, (place, room) in rooms.items()
        if key in keys
    }


def _refuse_transaction(using: str) -> None:
    database = databases[using]
    if not database.in_atomic_block and not database.get_autocommit():
        message = (
            f"The database {using} is not in autocommit mode, so nothing would be committed before "
            f"a message goes out: leave AUTOCOMMIT in DATABASES[{using!r}] at True, and call "
            f"set_autocommit(True) before messages are delivered."
        )
        raise RuntimeError(message)
    try:
        with transaction.atomic(using=using, durable=True):
            pass  # only the refusal is wanted: what follows are statements of their own
    except RuntimeError:
        message = (
            "Messages cannot be delivered inside transaction.atomic(): HTTP would hold the "
            "transaction open, and a rollback would forget what was sent. Call this after the "
            "block, or by transaction.on_commit(). In tests use TransactionTestCase."
        )
        raise RuntimeError(message) from None


@compiled
def _claim(
    using: str,
    token: str,
    keys: list[int],
    owner: str,
    now: datetime,
    until: datetime,
    held_too: bool,  # noqa: FBT001 - decides which statement it is
) -> int:
    changes: dict[str, object] = {
        "lease_token": token,
        "lease_owner": owner,
        "leased_at": now,
        "lease_expires_at": until,
        "modified": now,
    }
    rooms = Room.objects.using(using).filter(pk__in=keys).free(now)
    if not held_too:
        rooms = rooms.open(now)
        changes |= NO_HOLD  # what is over by now
    return rooms.update(**changes)


def _rows(places: Collection[Place], using: str) -> dict[Place, Room]:
    """Return the rows of rooms, having made those that are missing."""
    found = _existing(places, using)
    missing = [place for place in places if place not in found]
    if missing:
        rows = [Room(connection=connection, room_id=room_id) for connection, room_id in missing]
        Room.objects.using(using).bulk_create(rows, ignore_conflicts=True)
        found = _existing(places, using)
    # A database that compares without case has the room under its first spelling.
    return {
        place: found.get(place)
        or Room.objects.using(using).get(connection=place[0], room_id=place[1])
        for place in places
    }


def _existing(places: Iterable[Place], using: str) -> dict[Place, Room]:
    wanted: dict[str, list[str]] = {}
    for connection, room_id in places:
        wanted.setdefault(connection, []).append(room_id)
    return {
        (room.connection, room.room_id): room
        for connection, names in wanted.items()
        for room in Room.objects.using(using).filter(connection=connection, room_id__in=names)
    }


def ensure(leases: Sequence[Lease], seconds: float) -> list[Lease]:
    """
    Make leases last for so many seconds more, and half of their length on top.

    Return those that are no longer ours.
    """
    length = settings.lease_seconds
    now_here = time.monotonic()
    short = [lease for lease in leases if lease.deadline - now_here < seconds + length / 2]
    if not short:
        return []
    wanted = seconds + length
    now = clock.now(short[0].using)
    expires_at = now + timedelta(seconds=wanted)
    kept = rooms_of(short).update(lease_expires_at=expires_at, modified=now)
    lost = [] if kept == len(short) else _lost(short)
    for lease in short:
        lease.deadline = now_here + wanted
    return lost


def _lost(leases: Sequence[Lease]) -> list[Lease]:
    ours = set(rooms_of(leases).values_list("pk", flat=True))
    return [lease for lease in leases if lease.room_pk not in ours]


def release(leases: Sequence[Lease]) -> None:
    """Give rooms back; nothing happens to those that have been taken over."""
    first = leases[0]
    _release(first.using, first.token, [lease.room_pk for lease in leases])


@compiled
def _release(using: str, token: str, keys: list[int]) -> int:
    return leased(using, token, keys).update(
        lease_token="", lease_owner="", leased_at=None, lease_expires_at=None
    )
