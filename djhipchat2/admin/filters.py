"""Filters of the lists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..connections import connections
from ..delivery import clock
from ..models import OutboundMessage, Room
from ..states import HoldReason, Status
from .typed import TypedFilter

#: Messages among which connections are looked for that only they name.
LATEST = 500


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
