"""Where the outbox stands: what waits, what holds it up, and who was seen at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ..connections import connections
from ..models import WHOLE_CONNECTION, Heartbeat, OutboundMessage, Room
from ..states import Status, Trigger
from . import clock
from .engine import database
from .explain import Explanation, Reason, explanation, unusable
from .wording import flush_in_words

#: Rooms that are listed of each kind; the numbers are of all.
LISTED = 50


@dataclass(frozen=True)
class Overview:
    """Where the outbox stood at a moment."""

    now: datetime
    queued: int
    due: int
    sending: int
    undecided: int
    """Messages whose answer was lost, held until somebody decides."""
    oldest: datetime | None
    """When the longest waiting of those that are due was written."""
    is_deliverable: bool
    """Is anything due that this process could send?"""
    flushed: Heartbeat | None
    """The last sign of life of whoever flushes."""
    held: list[Room]
    """Rooms and connections on hold, with messages or without."""
    leased: list[Room]
    unknown: list[str]
    """Connections of queued messages that this process cannot use."""


def overview() -> Overview:
    """Return where the outbox stands."""
    using = database()
    now = clock.now(using)
    rows = OutboundMessage.objects.using(using)
    rooms = Room.objects.using(using).order_by("connection", "room_id")
    due = rows.due(now)
    unknown = [alias for alias in rows.aliases() if not connections.can_use(alias)]
    return Overview(
        now=now,
        queued=rows.queued().count(),
        due=due.count(),
        sending=rows.filter(status=Status.SENDING).count(),
        undecided=rows.held().count(),
        oldest=due.order_by("pk").values_list("created", flat=True).first(),
        is_deliverable=due.exclude(connection__in=unknown).exists(),
        flushed=last_flush(),
        held=list(rooms.held(now)[:LISTED]),
        leased=list(rooms.exclude(lease_token="")[:LISTED]),
        unknown=unknown,
    )


def last_flush() -> Heartbeat | None:
    """Return the last sign of life of whoever flushes the outbox; None if there never was one."""
    beats = Heartbeat.objects.using(database()).filter(kind=Trigger.FLUSH)
    return beats.order_by("-seen_at").first()


def why(row: OutboundMessage) -> Explanation:
    """Return why a message is where it is, having asked the database for what that depends on."""
    using = database()
    now = clock.now(using)
    rooms = Room.objects.using(using).filter(
        connection=row.connection, room_id__in=[row.room_id, WHOLE_CONNECTION]
    )
    # Not by the room's name: a database may take "ops" for "Ops", and has one row for both.
    by_kind = {room.room_id == WHOLE_CONNECTION: room for room in rooms}
    told = explanation(
        row,
        by_kind.get(False),
        now,
        whole=by_kind.get(True),
        flushed=flush_in_words(last_flush(), now),
    )
    if told.reason is not Reason.DUE:
        return told
    # A flush by this process would leave it, so there is no use in asking for one.
    trouble = connections.trouble(row.connection, [row.backend])
    return unusable(row, trouble) if trouble else told
