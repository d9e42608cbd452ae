"""Rooms: who delivers to them, what holds messages back, and what they were sent."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import WHOLE_CONNECTION, Room
from . import transcript
from .changelists import RoomChangeList
from .filters import ConnectionFilter, HoldFilter
from .numbers import number_of
from .pages import Place
from .preview import HINT
from .room_acts import ACTS
from .room_columns import RoomColumns, count_queues, with_queues
from .room_views import RoomActViews

#: Names of rooms that are suggested.
SUGGESTED = 20


class CountedRooms(RoomChangeList):
    """Rooms with the length of their queues."""

    def find(self, place: Place) -> Any:
        found = super().find(place)
        count_queues(found.rows)
        return found


@admin.register(Room)
class RoomAdmin(RoomActViews, RoomColumns):
    """The rooms that messages were delivered to."""

    changelist_class = CountedRooms
    change_list_template = "admin/djhipchat2/room/change_list.html"
    change_form_template = "admin/djhipchat2/room/change_form.html"
    list_display = ["room_and_connection", "hold", "queue_and_trouble", "traffic", "lease"]
    list_filter = [HoldFilter, ConnectionFilter]
    search_fields = ["room_id"]
    search_help_text = gettext_lazy("Room")
    sortable_by = ()
    ordering = ["connection", "room_id"]
    empty_text = gettext_lazy(
        "No room was delivered to yet. A room appears here with its first delivery, or when it is "
        "paused."
    )
    actions = ["pause_rooms", "resume_rooms", "drain_rooms"]

    class Media:
        js = ["djhipchat2/cards.js", "djhipchat2/transcript.js"]

    def get_urls(self) -> list[Any]:
        return [
            self.route("names/", self.names_view, "names"),
            self.route("<path:object_id>/transcript/", self.transcript_view, "transcript"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return with_queues(super().get_queryset(request))

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns, with ways to the messages for those who may see them."""
        ways = ["ways"] if self.may_see_messages(request) else []
        return [self.list_display[0], *ways, *self.list_display[1:]]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        ways = ["ways"] if self.may_see_messages(request) else []
        return ["room", "connection", *ways, "hold", "queue", "trouble", "traffic", "lease"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_hold = self.has_hold_permission(request)
        if request.POST.get("action") in self.actions and not may_hold:
            raise PermissionDenied
        pause = self.address(request, "pause_place") if may_hold else None
        title = {"title": _("Rooms"), "subtitle": None, "pause": pause}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        room = context["original"]
        acts = ACTS.values() if self.has_hold_permission(request) else []
        context |= {
            "title": str(room),
            "subtitle": None,
            "acts": [
                {"label": act.label, "address": self.address(request, act.name, room.pk)}
                for act in acts
            ],
        }
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(permissions=["hold"], description=gettext_lazy("Pause"))
    def pause_rooms(self, request: HttpRequest, rooms: QuerySet[Any]) -> HttpResponse:
        """Ask why to pause the selected rooms."""
        return self.ask(request, "pause", rooms)

    @admin.action(permissions=["hold"], description=gettext_lazy("Resume"))
    def resume_rooms(self, request: HttpRequest, rooms: QuerySet[Any]) -> HttpResponse:
        """Ask whether to lift what holds the selected rooms."""
        return self.ask(request, "resume", rooms)

    @admin.action(permissions=["hold"], description=gettext_lazy("Drain now"))
    def drain_rooms(self, request: HttpRequest, rooms: QuerySet[Any]) -> HttpResponse:
        """Ask whether to deliver what is due in the selected rooms."""
        return self.ask(request, "drain", rooms)

    def names_view(self, request: HttpRequest) -> HttpResponse:
        """Return names of rooms that begin with, or contain, what was typed."""
        if not (self.has_view_permission(request) or self.may_see_messages(request)):
            raise PermissionDenied
        # PostgreSQL takes no text with a NUL.
        typed = request.GET.get("q", "").replace("\0", "").strip()
        rooms = Room.objects.exclude(room_id=WHOLE_CONNECTION).order_by("room_id")
        names = rooms.values_list("room_id", flat=True)
        found = list(names.filter(room_id__istartswith=typed)[:SUGGESTED])
        if typed and len(found) < SUGGESTED:
            found += names.filter(room_id__icontains=typed)[:SUGGESTED]
        return JsonResponse({"names": list(dict.fromkeys(found))[:SUGGESTED]})

    def transcript_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what a room was sent, or as JSON what is new on an open page."""
        if not self.may_see_messages(request) or not self.has_view_permission(request):
            raise PermissionDenied
        room = self.get_object(request, object_id)
        if room is None:
            messages.warning(request, _("This room does not exist any more."))
            return HttpResponseRedirect(self.address(request, "changelist"))
        if room.room_id == WHOLE_CONNECTION:
            raise Http404
        first = number_of(request.GET.get("since", ""))
        if first is not None:
            lines = transcript.since(room, first)
            html = render_to_string("djhipchat2/admin/lines.html", {"lines": lines}, request)
            return JsonResponse({"html": html})
        wall = transcript.wall(room, Place.read(request.GET.get("p", "")))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Transcript: %(room)s") % {"room": room},
            "opts": self.opts,
            "media": self.media,
            "room": room,
            "wall": wall,
            "lines": wall.lines,
            "page": self.address(request, "change", room.pk),
            "hint": HINT,
        }
        return TemplateResponse(request, "admin/djhipchat2/room/transcript.html", context)
