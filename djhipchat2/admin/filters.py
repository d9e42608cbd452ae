"""Filters of the lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..connections import connections
from ..models import OutboundMessage, Room


class ConnectionFilter(admin.SimpleListFilter):
    """By connection: those configured, and those that rooms and queued messages still name."""

    title = _("connection")
    parameter_name = "connection"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        found = {
            *connections.aliases(),
            *_walk(Room.objects.all()),
            *_walk(OutboundMessage.objects.queued()),
        }
        chosen = self.value()
        if chosen is not None:
            found.add(chosen)
        return [(alias, alias) for alias in sorted(found)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        alias = self.value()
        return queryset if alias is None else queryset.filter(connection=alias)


def _walk(rows: QuerySet[Any]) -> Iterator[str]:
    """Yield each connection of rows by one index look-up; a DISTINCT would read them all."""
    names = rows.order_by("connection").values_list("connection", flat=True)
    name = names.first()
    while name is not None:
        yield name
        name = names.filter(connection__gt=name).first()
