"""Messages by the time of writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from ..models import OutboundMessage
from . import rendering
from .typed import TypedFilter

#: Time by which the clocks of hosts, and a transaction, may bring numbers and times out of step.
SLACK = timedelta(minutes=15)
#: Years that a bound may be of; times beyond them bound nothing.
FIRST_YEAR, LAST_YEAR = 2, 9998
#: The parameter that names the zone of days and times, which a script sets to the browser's.
ZONE = "written_zone"
#: How long before the last midnight days begin that have a word.
DAYS = {"today": timedelta(0), "week": timedelta(days=7)}


class WrittenFilter(TypedFilter):
    """
    By the time of writing: the last hour, today, or between two times.

    Days, and times that are typed, are in the zone that is given, or the current one.
    """

    title = _("time")
    template = "djhipchat2/admin/written_filter.html"
    parameter_name = "written"
    parameter_names = (parameter_name, "written_from", "written_to", ZONE)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        start, end = self.bounds()
        return written_between(queryset, start, end)

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Return the times; None is no bound. What cannot be read as a time is none."""
        now = timezone.now()
        word = self.used_parameters.get("written")
        if word == "hour":
            return now - timedelta(hours=1), None
        if word in DAYS:
            local = timezone.localtime(now, self.zone) if timezone.is_aware(now) else now
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight - DAYS[word], None
        given = self.used_parameters
        start, end = given.get("written_from"), given.get("written_to")
        return _time(start, self.zone), _time(end, self.zone)

    @cached_property
    def zone(self) -> tzinfo:
        """The zone that the address names, or the current one."""
        name = str(self.used_parameters.get(ZONE, ""))
        try:
            return ZoneInfo(name) if name else timezone.get_current_timezone()
        except (ZoneInfoNotFoundError, ValueError, OSError):  # a name may be that of a folder
            return timezone.get_current_timezone()

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield the links, and last what the form needs."""
        now = timezone.now()
        chosen = self.used_parameters.get("written")
        names = list(self.parameter_names)
        links = {None: _("Any time"), "hour": _("Past hour"), "today": _("Today")}
        for word, label in {**links, "week": _("Past 7 days")}.items():
            yield {
                "selected": chosen == word and (word is not None or not self.used_parameters),
                "display": label,
                "query_string": changelist.get_query_string(
                    {} if word is None else {"written": word}, remove=names
                ),
                "zone": rendering.zone_kind(now) if word in DAYS else "",
            }
        form = next(super().choices(changelist))
        typed = {name: self.used_parameters.get(name, "") for name in names}
        kind = "chosen" if any(typed.values()) else rendering.zone_kind(now)
        yield {**form, **typed, ZONE: str(self.zone), "zone": kind}


def written_between(
    rows: QuerySet[Any], start: datetime | None, end: datetime | None
) -> QuerySet[Any]:
    """
    Return the messages that were written between two times; None is no bound.

    Numbers rise with time, but for some minutes (``SLACK``): bounds of the number spare the
    database from reading what is far away.
    """
    table = OutboundMessage.objects.using(rows.db)
    if start is not None:
        later = table.filter(created__gte=start - SLACK).order_by("created")
        numbers = list(later.values_list("pk", flat=True)[:100])
        if not numbers:
            return rows.none()
        rows = rows.filter(created__gte=start, pk__gte=min(numbers))
    if end is not None:
        earlier = table.filter(created__lt=end + SLACK).order_by("-created")
        numbers = list(earlier.values_list("pk", flat=True)[:100])
        if not numbers:
            return rows.none()
        rows = rows.filter(created__lt=end, pk__lte=max(numbers))
    return rows


def _time(text: Any, zone: tzinfo) -> datetime | None:
    """Return the time that a form's field has, in a time zone."""
    try:
        value = parse_datetime(text) if text else None
    except ValueError:
        return None
    if value is None:
        return None
    # Years at whose ends a zone, or SLACK, leads out of what Python can count.
    value = value.replace(year=min(max(value.year, FIRST_YEAR), LAST_YEAR))
    aware = timezone.is_aware(timezone.now())
    if aware and timezone.is_naive(value):
        return timezone.make_aware(value, zone)
    return timezone.make_naive(value) if not aware and timezone.is_aware(value) else value
