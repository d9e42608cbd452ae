"""The pages that ask before a room is paused, resumed or drained, and the addresses that act."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from ..delivery.engine import database
from ..models import Room
from . import room_acts
from .act_views import readable
from .numbers import numbers_in
from .readonly import ReadOnlyAdmin
from .room_acts import ACTS, Done, PauseForm, PlaceForm, RoomAct

TEMPLATE = "admin/djhipchat2/room/act.html"
#: Rooms that one press of a button acts on.
MOST = 200
#: Rooms that are named.
NAMED = 5


class RoomActViews(ReadOnlyAdmin):
    """Pause, Resume, Drain now: for rooms, or for a place that is typed in."""

    def get_urls(self) -> list[Any]:
        return [
            self.route("pause/", readable(self.pause_view), "pause_place"),
            self.route("act/<slug:name>/", readable(self.act_on_many_view), "act"),
            *(
                self.route(
                    f"<path:object_id>/{name}/", readable(partial(self.act_view, name)), name
                )
                for name in ACTS
            ),
            *super().get_urls(),
        ]

    def has_hold_permission(self, request: HttpRequest) -> bool:
        """May the user pause rooms, resume them, and have them drained?"""
        return self.may(request, "hold")

    def act_view(self, name: str, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether to act on a room, or do it."""
        self._check(request)
        room = self.get_object(request, unquote(object_id))
        if room is None:
            messages.warning(request, _("This room does not exist any more."))
            return HttpResponseRedirect(self.address(request, "changelist"))
        address = self.address(request, name, room.pk)
        page = self.address(request, "change", room.pk)
        form = PauseForm(request.POST or None) if name == "pause" else None
        if request.method != "POST" or (form is not None and not form.is_valid()):
            return self._ask(request, ACTS[name], [room], form, address=address, back=page)
        self._act(request, name, [room], form)
        return HttpResponseRedirect(page)

    def act_on_many_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Act on the rooms that a page has asked about, and lead back to the list."""
        self._check(request)
        if name not in ACTS:
            raise Http404
        back = self.address(request, "changelist")
        form = PauseForm(request.POST or None) if name == "pause" else None
        if request.method != "POST":
            messages.warning(request, _("Nothing was done. Select the rooms again."))
            return HttpResponseRedirect(back)
        numbers = numbers_in(request.POST.get("rows", ""))[:MOST]
        rooms = list(self.get_queryset(request).filter(pk__in=numbers).order_by("pk"))
        if form is not None and not form.is_valid():
            address = self.address(request, "act", name)
            return self._ask(request, ACTS[name], rooms, form, address=address, back=back)
        self._act(request, name, rooms, form)
        return HttpResponseRedirect(back)

    def pause_view(self, request: HttpRequest) -> HttpResponse:
        """Pause a room or a connection that is typed in."""
        self._check(request)
        back = self.address(request, "changelist")
        form = PlaceForm(request.POST or None, suggestions=self.plain_address("names"))
        if request.method != "POST" or not form.is_valid():
            address = self.address(request, "pause_place")
            return self._ask(request, ACTS["pause"], [], form, address=address, back=back)
        place = form.cleaned_data
        room = Room(connection=place["connection"], room_id=place["room_id"])
        self._act(request, "pause", [room], form)
        return HttpResponseRedirect(back)

    def ask(self, request: HttpRequest, name: str, rooms: QuerySet[Any]) -> TemplateResponse:
        """Return the page that says what an act will do to selected rooms."""
        chosen = list(rooms.order_by("pk")[:MOST])
        form = PauseForm() if name == "pause" else None
        address, back = self.address(request, "act", name), self.address(request, "changelist")
        return self._ask(request, ACTS[name], chosen, form, address=address, back=back)

    def _act(
        self, request: HttpRequest, name: str, rooms: Sequence[Room], form: forms.Form | None
    ) -> None:
        """Act on rooms, write it to the log, and tell the user."""
        if name == "drain":
            done = self._logged(request, list(room_acts.drain(rooms)))
        else:
            # One transaction: nothing is done without a trace.
            with transaction.atomic(using=database()):
                if form is not None:
                    who = request.user.get_username()
                    acted = room_acts.pause(rooms, note=form.cleaned_data["note"], by=who)
                else:
                    acted = room_acts.resume(rooms)
                done = self._logged(request, list(acted))
        said = ACTS[name].done if done else ACTS[name].nothing
        level = messages.SUCCESS if len(done) == len(rooms) else messages.WARNING
        self.message_user(request, str(said) % {"rooms": _named(done or rooms)}, level)

    def _logged(self, request: HttpRequest, acted: list[Done]) -> list[Room]:
        """Write to the log what happened, and return the rooms that something happened to."""
        done = [one for one in acted if one.logged]
        for one in done:
            self.log_change(request, one.room, one.logged)
        return [one.room for one in done]

    def _check(self, request: HttpRequest) -> None:
        if not self.has_hold_permission(request):
            raise PermissionDenied

    def _ask(
        self,
        request: HttpRequest,
        act: RoomAct,
        rooms: Sequence[Room],
        form: forms.Form | None,
        **links: str,
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{act.label}: {_named(rooms)}" if rooms else act.label,
            "opts": self.opts,
            "media": self.media,
            "act": act,
            "form": form,
            "numbers": ",".join(str(room.pk) for room in rooms),
            **links,
        }
        return TemplateResponse(request, TEMPLATE, context)


def _named(rooms: Sequence[Room]) -> str:
    names = ", ".join(str(room) for room in rooms[:NAMED])
    return f"{names}, …" if len(rooms) > NAMED else names
