"""Sent and failed messages per hour, as a chart that is drawn here and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.safestring import SafeString

from ..states import Status
from . import rendering

HOURS = 24
#: Messages that are counted of each status; what is older than these is left out.
MOST = 50_000
#: The same where each of them has to be searched for words.
MOST_SEARCHED = 5_000
WIDTH, HEIGHT, GAP = 720, 96, 4
#: A bar of at least this height can be seen.
LEAST = 2


@dataclass(frozen=True)
class Hour:
    """One hour of the chart."""

    start: datetime
    sent: int
    failed: int

    @property
    def element(self) -> SafeString:
        """Its beginning, for a browser that knows the reader's zone."""
        return rendering.clock_element(self.start)


@dataclass(frozen=True)
class Bar:
    """A rectangle of the drawing."""

    kind: str
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class Chart:
    """The hours, the oldest first."""

    hours: list[Hour]
    is_cut: bool
    """Were there so many messages that some hours are left out?"""
    width: int = WIDTH
    height: int = HEIGHT
    bar_width: int = WIDTH // HOURS - GAP

    @cached_property
    def sent(self) -> str:
        """How many were sent in all."""
        return number_format(sum(hour.sent for hour in self.hours), force_grouping=True)

    @cached_property
    def failed(self) -> str:
        """How many failed in all."""
        return number_format(sum(hour.failed for hour in self.hours), force_grouping=True)

    @cached_property
    def peak(self) -> int:
        """How many the busiest hour had."""
        return max((hour.sent + hour.failed for hour in self.hours), default=0)

    def bars(self) -> Iterator[Bar]:
        """Yield the bars: those that failed stand on those that were sent."""
        if not self.peak:
            return
        first = HOURS - len(self.hours)
        for place, hour in enumerate(self.hours, first):
            x = place * (WIDTH // HOURS) + GAP // 2
            sent = self._height(hour.sent)
            failed = self._height(hour.failed)
            if sent:
                yield Bar("sent", x, HEIGHT - sent, sent)
            if failed:
                yield Bar("failed", x, max(0, HEIGHT - sent - failed), failed)

    def _height(self, number: int) -> int:
        return max(LEAST, number * (HEIGHT - LEAST) // self.peak) if number else 0


def draw(rows: QuerySet[Any], now: datetime, *, searched: bool = False) -> Chart:
    """Count those of the rows that were sent, or failed, in the last 24 hours."""
    most = MOST_SEARCHED if searched else MOST
    local = timezone.localtime(now) if timezone.is_aware(now) else now
    top = local.replace(minute=0, second=0, microsecond=0)
    starts = [top - timedelta(hours=number) for number in range(HOURS)]
    table = rows.model._default_manager.using(rows.db)
    cuts = [_cut(table, status, starts[-1], most) for status in (Status.SENT, Status.FAILED)]
    cut = max(filter(None, cuts), default=None)
    shown = [start for start in starts if cut is None or start > cut]
    counts = _counts(rows, shown) if shown else {}
    hours = [
        Hour(start, counts.get((number, Status.SENT), 0), counts.get((number, Status.FAILED), 0))
        for number, start in enumerate(shown)
    ]
    return Chart(hours[::-1], is_cut=cut is not None)


def _cut(table: QuerySet[Any], status: Status, start: datetime, most: int) -> datetime | None:
    """Return the time before which too many messages of a status would have to be read."""
    ended = table.filter(status=status, finished_at__gte=start).order_by("-finished_at")
    cut: datetime | None = ended.values_list("finished_at", flat=True)[most : most + 1].first()
    return cut


def _counts(rows: QuerySet[Any], starts: list[datetime]) -> dict[tuple[int, str], int]:
    """Return how many messages of a status ended in an hour, by the hour's place in ``starts``."""
    # Cases rather than the database's calendar: MariaDB knows no time zones by itself.
    hours = [When(finished_at__gte=start, then=Value(i)) for i, start in enumerate(starts)]
    ended = rows.filter(
        status__in=[Status.SENT, Status.FAILED], finished_at__gte=starts[-1]
    ).order_by()
    grouped = ended.values_list(Case(*hours, output_field=IntegerField()), "status")
    return {(hour, status): count for hour, status, count in grouped.annotate(Count("pk"))}
