"""Django's lists, with pages that do not count and do not skip."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from ..models import OutboundMessage, Room
from ..states import Status
from .filters import AttentionFilter, ConnectionFilter, RoomFilter
from .numbers import number_of
from .pages import Newest, Place, Slice, cut
from .written import WrittenFilter


class PagedChangeList(ChangeList, ABC):
    """A list of which each page knows the pages beside it and nothing more."""

    slice: Slice

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        found = super().get_filters_params(params)
        # PostgreSQL takes no text with it, and no row has one.
        if any("\0" in value for values in found.values() for value in values):
            raise IncorrectLookupParameters
        return found

    def get_results(self, request: HttpRequest) -> None:
        place = Place.read(request.GET.get(PAGE_VAR, ""))
        try:
            self.slice = self.find(place)
        except (OverflowError, DataError) as error:
            # Django lets an address ask for any field, and for numbers that no database has.
            raise IncorrectLookupParameters(error) from error
        self.result_list = self.slice.rows
        # Not the number of all: of those that this page knows of.
        self.result_count = len(self.slice.rows) + (self.slice.following is not None)
        # The same, or a theme would tell that there are more, and how many of them are shown.
        self.full_result_count = self.result_count
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = Paginator(self.slice.rows, self.list_per_page)

    @abstractmethod
    def find(self, place: Place) -> Slice:
        """Return a page of the list."""

    @property
    def previous_link(self) -> str | None:
        """The address of the page before, if there is one."""
        return self._link(self.slice.previous)

    @property
    def following_link(self) -> str | None:
        """The address of the page after, if there is one."""
        return self._link(self.slice.following)

    @property
    def first_link(self) -> str:
        """The address of the first page."""
        return self.get_query_string()

    def _link(self, place: Place | None) -> str | None:
        return None if place is None else self.get_query_string({PAGE_VAR: str(place)})


class MessageChangeList(PagedChangeList):
    """Messages, the newest first."""

    #: What the list is filtered by for which an index has the order of the list.
    INDEXED = {
        AttentionFilter.parameter_name,
        RoomFilter.parameter_name,
        *WrittenFilter.parameter_names,
        "status__exact",
        SEARCH_VAR,
    }

    def find(self, place: Place) -> Slice:
        pages = Newest(self.list_per_page)
        if self.is_search:
            found = pages.search(self.queryset, place)
        else:
            found = pages.find(self.branches(), place)
        exact = self._named(place)
        if exact is not None:
            found.rows = [exact, *(row for row in found.rows if row.pk != exact.pk)]
        return found

    @property
    def is_search(self) -> bool:
        """Does the list have to read rows to find some?"""
        if self.query and not is_number(self.query):
            return True
        room = RoomFilter.parameter_name in self.params
        indexed = {*self.INDEXED, ConnectionFilter.parameter_name} if room else self.INDEXED
        return not indexed.issuperset(self.params)

    def branches(self) -> Sequence[QuerySet[OutboundMessage]]:
        """Return the parts of the list that an index has in order."""
        if AttentionFilter.parameter_name not in self.params:
            return [self.queryset]
        statuses = (Status.QUEUED, Status.FAILED, Status.EXPIRED)
        return [self.queryset.filter(status=status) for status in statuses]

    def _named(self, place: Place) -> OutboundMessage | None:
        """Return the message whose number was searched for; it comes first."""
        number = number_in(self.query)
        if number is None or place.number is not None:
            return None
        found: OutboundMessage | None = self.queryset.filter(pk=number).first()
        return found


class RoomChangeList(PagedChangeList):
    """Rooms, by connection and name."""

    def find(self, place: Place) -> Slice:
        rows, wanted = self.queryset, self.list_per_page
        edge = None
        if place.number is not None:
            beside = Room.objects.using(rows.db).filter(pk=place.number)
            edge = beside.values_list("connection", "room_id").first()
        if edge is None:
            place = Place(forward=place.forward)
        else:
            rows = rows.filter(_beyond(*edge, forward=place.forward))
        sign = "" if place.forward else "-"
        found = rows.order_by(f"{sign}connection", f"{sign}room_id")[: wanted + 1]
        return cut(list(found), place, wanted)


def is_number(query: str) -> bool:
    """Does a search ask for a number alone, as #123?"""
    return query.strip().startswith("#") and number_in(query) is not None


def number_in(query: str) -> int | None:
    """Return the number that a search asks for, as 123 or #123; None if it asks for words."""
    return number_of(query.strip().removeprefix("#"))


def _beyond(connection: str, room_id: str, *, forward: bool) -> Q:
    word = "gt" if forward else "lt"
    # The first condition is what an index can begin with.
    return Q(**{f"connection__{word}e": connection}) & (
        Q(**{f"connection__{word}": connection}) | Q(**{f"room_id__{word}": room_id})
    )
