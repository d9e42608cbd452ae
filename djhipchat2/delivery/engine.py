"""
Delivering what is due: one room, every room, or one message at once.
"""

from __future__ import annotations

from datetime import datetime

from django.db import router
from django.db.models import Min

from ..backends.base import HipChatBackendBase
from ..conf import settings
from ..connections import connections
from ..message import Message
from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from . import clock, heartbeat, marks, record, recovery
from .attempt import attempt
from .crew import Crew
from .drain import Drain
from .lease import Place
from .places import Waiting, waiting_rooms
from .policies import policy_of
from .run import Run, Summary, worker_name
from .telling import tell


def database() -> str:
    """Return the alias of the database that the outbox is written to."""
    return router.db_for_write(OutboundMessage)


def deliver_room(connection: str, room_id: str, run: Run) -> Summary:
    """
    Deliver what is due in a room, in order, unless somebody else does or the room is on hold.

    Raise ConnectionUnknown or ImproperlyConfigured, having touched nothing, if there is no such
    connection, and RuntimeError inside a transaction.
    """
    connections[connection]  # raises before anything is written
    using = database()
    place = (connection, room_id)
    abandoned = recovery.abandoned(using, clock.reckoned(using), place)
    with Crew(1) as crew:
        Drain(run, crew, using).deliver(iter([Waiting(place)]), abandoned=abandoned)
    return run.summary


def flush(
    run: Run, *, using: str | None = None, room_id: str | None = None, crew: Crew | None = None
) -> Summary:
    """
    Deliver what is due in every room, or in those of a connection or of a name.

    A caller that flushes again and again keeps a crew, and with it the connections to the chats.
    """
    if crew is None:
        with Crew(settings.threads) as own:
            return flush(run, using=using, room_id=room_id, crew=own)
    alias = database()
    rows = OutboundMessage.objects.using(alias)
    heartbeat.beat(alias, run.trigger, run.worker)
    now = clock.now(alias)
    run.summary.expired += marks.expire(rows.all(), now)

    def is_meant(place: Place) -> bool:
        return using in (None, place[0]) and room_id in (None, place[1])

    queued = rows.queued()
    if using is not None:
        queued = queued.filter(connection=using)
    if room_id is not None:
        queued = queued.filter(room_id=room_id)
    abandoned = list(filter(is_meant, recovery.abandoned(alias, now)))
    Drain(run, crew, alias).deliver(waiting_rooms(queued, now), abandoned=abandoned)
    return run.summary


def deliver_at_once(row: OutboundMessage, message: Message, backend: HipChatBackendBase) -> None:
    """Deliver a message that stays in this process, and record it in the caller's transaction."""
    now = clock.now(database())
    made = attempt(row, backend, now=now, timeout=backend.time_limit, message=message)
    record.record_at_once(made, worker_name(), policy_of(row.connection), now)
    tell(row)


def next_due(connection: str, room_id: str) -> float | None:
    """
    Return the seconds until something in the room can be sent.

    None if nothing waits, or if the room is on hold until somebody lifts it.
    """
    using = database()
    queued = OutboundMessage.objects.using(using).queued().in_room(connection, room_id)
    now = clock.now(using)
    sending = OutboundMessage.objects.using(using).sending().in_room(connection, room_id)
    if queued.due(now).exists() or sending.exists():
        earliest = now
    else:
        waiting = queued.filter(next_attempt_at__gt=now)
        earliest = waiting.aggregate(earliest=Min("next_attempt_at"))["earliest"]
    if earliest is None:
        return None
    places = Room.objects.using(using).filter(
        connection=connection, room_id__in=[room_id, WHOLE_CONNECTION]
    )
    for place in places:
        until = _closed_until(place, now)
        if until is None:
            return None
        earliest = max(earliest, until)
    return max((earliest - now).total_seconds(), 0)


def _closed_until(place: Room, now: datetime) -> datetime | None:
    """Return until when a room, or a connection, is closed to us; None: until somebody opens it."""
    until = now
    if place.hold_reason:
        if place.hold_until is None:
            return None
        until = max(until, place.hold_until)
    if place.lease_expires_at is not None:
        # Whoever has the room takes along what is due, unless it dies.
        until = max(until, place.lease_expires_at)
    if place.limit_left == 0 and place.limit_resets_at is not None:
        until = max(until, place.limit_resets_at)
    return until


def next_opening() -> float | None:
    """Return the seconds until the first hold is over; None if none is going to be."""
    using = database()
    now = clock.now(using)
    held = Room.objects.using(using).held(now)
    first = held.aggregate(first=Min("hold_until"))["first"]
    return None if first is None else max((first - now).total_seconds(), 0)
