"""The outbox at a glance: what waits, what went out, what failed, who delivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ..delivery.engine import database
from ..delivery.overview import last_flush
from ..delivery.wording import FLUSH
from ..models import OutboundMessage, Room
from ..querysets import OutboundMessageQuerySet
from ..states import Status
from . import rendering

#: Rows that are counted; of more only this is told, so that counting stays fast.
MOST = 10_000
#: Time that something may wait, and nobody be seen, before the panel calls for a flush.
LATE = timedelta(minutes=5)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Figure:
    """One thing to know."""

    name: str
    value: Any
    query: str = ""
    """The list's filter that shows these messages."""
    mood: str = ""
    """``bad`` or ``doubtful``: it asks for attention. Never by colour alone: the value tells it."""


@dataclass(frozen=True)
class Panel:
    """What stands above the list."""

    figures: list[Figure]
    held_rooms: Figure
    is_late: bool
    """Has something been waiting too long, with nobody delivering?"""
    waiting: Any
    """Since when the oldest has been waiting."""
    seen: Any
    """When somebody was last seen flushing."""
    command: str = FLUSH


def look(now: datetime) -> Panel:
    """Look at the outbox: a few bounded queries, whatever its size."""
    using = database()
    rows = OutboundMessage.objects.using(using)
    waiting = _waiting(rows)
    oldest = _oldest_waiting(rows, now)
    flushed = last_flush()
    seen = flushed.seen_at if flushed is not None else None
    held_rooms = Room.objects.using(using).held(now).count()
    late = oldest is not None and oldest <= now - LATE
    figures = [
        Figure(_("queued"), counted(_filled(waiting)), "status__exact=queued"),
        Figure(_("sending"), counted(waiting["sending"]), "status__exact=sending"),
        *_of_last_hour(rows, now),
    ]
    if waiting["held"]:
        figures.append(Figure(_("to be decided"), counted(waiting["held"]), "attention=yes", "bad"))
    figures.append(_oldest(oldest, now, mood="doubtful" if late else ""))
    return Panel(
        figures=figures,
        held_rooms=Figure(
            _("rooms on hold"), counted(held_rooms), "held=yes", "doubtful" if held_rooms else ""
        ),
        is_late=late and (seen is None or seen <= now - LATE),
        waiting=oldest and rendering.duration((now - oldest).total_seconds()),
        seen=rendering.relative(seen, now) if seen else None,
    )


def counted(number: int, most: int | None = None) -> str:
    """Return a number as text; of one beyond what was counted, that it is more."""
    most = MOST if most is None else most
    shown = number_format(min(number, most), force_grouping=True)
    return f"{shown}+" if number > most else shown


def _waiting(rows: OutboundMessageQuerySet) -> dict[str, int]:
    """Return how many messages are being sent, are queued, and of these wait for a decision."""
    # Those that are being sent first: they are few.
    found = rows.filter(status__in=[Status.QUEUED, Status.SENDING]).order_by("-status")
    return found[: MOST + 1].aggregate(
        queued=Count("pk", filter=Q(status=Status.QUEUED)),
        sending=Count("pk", filter=Q(status=Status.SENDING)),
        held=Count("pk", filter=Q(held=True)),
    )


def _filled(waiting: dict[str, int]) -> int:
    """Return how many are queued; the queue fills what is counted, so that it may have more."""
    queued = waiting["queued"]
    return MOST + 1 if queued and queued + waiting["sending"] > MOST else queued


def _of_last_hour(rows: OutboundMessageQuerySet, now: datetime) -> list[Figure]:
    """Return how many messages were sent, and failed, in the last hour."""
    # Those that failed first: they matter more.
    ended = rows.filter(status__in=[Status.FAILED, Status.SENT], finished_at__gt=now - HOUR)
    found = ended.order_by("status")[: MOST + 1].aggregate(
        sent=Count("pk", filter=Q(status=Status.SENT)),
        failed=Count("pk", filter=Q(status=Status.FAILED)),
    )
    sent, failed = found["sent"], found["failed"]
    # The one that fills up what is counted has more.
    more_sent = sent and sent + failed > MOST
    return [
        Figure(
            _("sent in the last hour"),
            counted(MOST + 1 if more_sent else sent),
            "status__exact=sent",
        ),
        Figure(
            _("failed in the last hour"),
            counted(failed),
            "status__exact=failed",
            "bad" if failed else "",
        ),
    ]


def _oldest_waiting(rows: OutboundMessageQuerySet, now: datetime) -> datetime | None:
    """Return since when the oldest message waits whose time has come and nobody must decide on."""
    begun = rows.queued().filter(Q(deliver_at=None) | Q(deliver_at__lte=now), held=False)
    return begun.order_by("pk").values_list("created", flat=True).first()


def _oldest(since: datetime | None, now: datetime, *, mood: str) -> Figure:
    value = rendering.NOTHING if since is None else rendering.relative(since, now)
    return Figure(_("oldest waiting"), value, "status__exact=queued&p=~0", mood)
