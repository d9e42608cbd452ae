"""Filters of the lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from ..connections import connections
from ..delivery import clock
from ..models import OutboundMessage, Room
from ..states import HoldReason, Status

#: Messages among which connections are looked for that only they name.
LATEST = 500
#: Time by which the clocks of hosts, and a transaction, may bring numbers and times out of step.
SLACK = timedelta(minutes=15)


def known_connections() -> set[str]:
    """Return the connections that are configured, or that rooms or the latest messages name."""
    latest = OutboundMessage.objects.order_by("-pk").values_list("connection", flat=True)
    rooms = Room.objects.order_by().values_list("connection", flat=True).distinct()
    return {*connections.aliases(), *rooms, *latest[:LATEST]}


def _connections_of(request: HttpRequest) -> set[str]:
    """Return the same, asked for once a request."""
    known = getattr(request, "_hipchat_connections", None)
    if known is None:
        known = request._hipchat_connections = known_connections()  # type: ignore[attr-defined]
    return set(known)


class ConnectionFilter(admin.SimpleListFilter):
    """By connection."""

    title = _("connection")
    parameter_name = "connection"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = _connections_of(request)
        chosen = self.value()
        if chosen is not None:
            found.add(chosen)
        return [(alias, alias) for alias in sorted(found)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        alias = self.value()
        if alias is None:
            return queryset
        if queryset.model is Room or RoomFilter.parameter_name in request.GET:
            return queryset.filter(connection=alias)
        # Hidden from the indexes: SQLite would read all of a connection and sort it.
        hidden: QuerySet[Any] = queryset.alias(of=Coalesce("connection", Value("")))
        return hidden.filter(of=alias)


class TypedFilter(admin.ListFilter):
    """A filter whose values are typed into a form instead of chosen from links."""

    #: By which themes know a filter.
    parameter_name: str
    parameter_names: tuple[str, ...]

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameter_names:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].strip()

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield what the form has to repeat of the address, and the way without this filter."""
        others = changelist.filter_params.items()
        yield {
            "selected": bool(self.used_parameters),
            "clear": changelist.get_query_string(remove=list(self.parameter_names)),
            "others": [
                (name, value)
                for name, values in others
                if name not in self.parameter_names
                for value in values
            ],
        }


class RoomFilter(TypedFilter):
    """By room: its name is typed, with suggestions, since a site may have 170,000."""

    title = _("room")
    template = "djhipchat2/admin/room_filter.html"
    parameter_name = "room_id"
    parameter_names = (parameter_name,)

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.suggestions = model_admin.suggestions()

    @property
    def name(self) -> str:
        """The name that was typed."""
        return str(self.used_parameters.get(self.parameter_name, ""))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.name:
            return queryset
        if ConnectionFilter.parameter_name in request.GET:
            return queryset.filter(room_id=self.name)
        # With its connections named, the index finds it.
        return queryset.filter(room_id=self.name, connection__in=sorted(_connections_of(request)))


class WrittenFilter(TypedFilter):
    """By the time of writing: the last hour, today, or between two times."""

    title = _("time")
    template = "djhipchat2/admin/written_filter.html"
    parameter_name = "written"
    parameter_names = (parameter_name, "written_from", "written_to")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        start, end = self.bounds()
        return written_between(queryset, start, end)

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Return the times; None is no bound. What cannot be read as a time is none."""
        now = timezone.now()
        word = self.used_parameters.get("written")
        if word == "hour":
            return now - timedelta(hours=1), None
        if word in ("today", "week"):
            local = timezone.localtime(now) if timezone.is_aware(now) else now
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            return midnight - timedelta(days=7 if word == "week" else 0), None
        given = self.used_parameters
        return _time(given.get("written_from")), _time(given.get("written_to"))

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield the links, and last what the form needs."""
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
            }
        form = next(super().choices(changelist))
        yield {**form, **{name: self.used_parameters.get(name, "") for name in names}}


class AttentionFilter(admin.SimpleListFilter):
    """What somebody should look at: failed and not resent, or waiting for a decision."""

    title = _("needs attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Failed, or to be decided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        ended = Q(status__in=[Status.FAILED, Status.EXPIRED], resent_as=None, fell_back_as=None)
        return queryset.filter(ended | Q(status=Status.QUEUED, held=True))


class HoldFilter(admin.SimpleListFilter):
    """Rooms that something holds just now."""

    title = _("hold")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("On hold")), ("paused", _("Paused by somebody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        word = self.value()
        if word is None:
            return queryset
        held = Room.objects.all().held(clock.now(queryset.db))
        if word == "paused":
            held = held.filter(hold_reason=HoldReason.PAUSED)
        return queryset.filter(pk__in=held.values("pk"))


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


def _time(text: Any) -> datetime | None:
    """Return the time that a form's field has, in the current time zone."""
    try:
        value = parse_datetime(text) if text else None
    except ValueError:
        return None
    if value is None:
        return None
    aware = timezone.is_aware(timezone.now())
    if aware and timezone.is_naive(value):
        return timezone.make_aware(value)
    return timezone.make_naive(value) if not aware and timezone.is_aware(value) else value
