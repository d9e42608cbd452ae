"""Rooms: who delivers to them just now, and what holds messages back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..delivery.explain import moment
from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..states import HoldReason
from . import rendering
from .filters import ConnectionFilter
from .readonly import ReadOnlyAdmin


@admin.register(Room)
class RoomAdmin(ReadOnlyAdmin):
    """The rooms that messages were delivered to."""

    list_display = ["room", "connection", "hold", "trouble", "traffic", "lease"]
    list_filter = ["hold_reason", ConnectionFilter]
    search_fields = ["room_id"]
    search_help_text = gettext_lazy("Room")
    ordering = ["-id"]

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns, with a way to the messages for those who may see them."""
        if not self._may_see_messages(request):
            return self.list_display
        return ["traffic_with_link" if name == "traffic" else name for name in self.list_display]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.get_list_display(request)

    @admin.display(description=gettext_lazy("room"), ordering="room_id")
    def room(self, room: Room) -> SafeString | str:
        """Return the room's name."""
        if room.room_id == WHOLE_CONNECTION:
            return _("all rooms")
        return format_html("<bdi>{}</bdi>", room.room_id)

    @admin.display(description=gettext_lazy("hold"))
    def hold(self, room: Room) -> SafeString | str:
        """Return why nothing goes to the room, until when, and what was noted about it."""
        if not room.hold_reason:
            return _("no hold")
        label = HoldReason(room.hold_reason).label
        if room.hold_until is None:
            until: str | SafeString = _("until it is lifted")
        elif room.hold_until <= timezone.now():
            # The next delivery removes it.
            return rendering.noted(_("no hold"), _("%(reason)s, over") % {"reason": label})
        else:
            until = format_html(_("until {}"), rendering.time_element(room.hold_until))
        text = format_html('<span class="hipchat-badge hipchat-held">‖ {}</span> {}', label, until)
        return rendering.noted(text, room.hold_note) if room.hold_note else text

    @admin.display(description=gettext_lazy("failures"))
    def trouble(self, room: Room) -> str:
        """Return how many attempts in a row came to nothing."""
        count = room.failures
        text = ngettext("%(count)d failure in a row", "%(count)d failures in a row", count)
        return text % {"count": count}

    @admin.display(description=gettext_lazy("messages sent"))
    def traffic(self, room: Room) -> SafeString | str:
        """Return how many messages were accepted, and when the last one was."""
        number = number_format(room.sent, force_grouping=True)
        sent = _("%(number)s sent") % {"number": number}
        if room.last_sent_at is None:
            return sent
        last = format_html(
            _("last at {}"), rendering.time_element(room.last_sent_at, rendering.TO_THE_MINUTE)
        )
        return rendering.noted(sent, last)

    @admin.display(description=gettext_lazy("being delivered by"))
    def lease(self, room: Room) -> SafeString | str:
        """Return the worker that delivers to the room, and until when it has the room."""
        if room.lease_expires_at is None:
            return _("no worker")
        worker = format_html('<bdi class="hipchat-worker">{}</bdi>', room.lease_owner)
        if room.lease_expires_at <= timezone.now():
            return rendering.noted(worker, _("gone silent; the next delivery takes over"))
        return rendering.noted(
            worker, _("until %(time)s") % {"time": moment(room.lease_expires_at)}
        )

    @admin.display(description=gettext_lazy("messages sent"))
    def traffic_with_link(self, room: Room) -> SafeString:
        """Return the same with the way to all messages to the room."""
        opts = OutboundMessage._meta
        name = f"admin:{opts.app_label}_{opts.model_name}_changelist"
        wanted = {"connection": room.connection}
        if room.room_id != WHOLE_CONNECTION:
            wanted["room_id"] = room.room_id
        query = urlencode(wanted)
        address = reverse(name, current_app=self.admin_site.name)
        link = format_html('<a href="{}?{}">{}</a>', address, query, _("all messages"))
        return rendering.noted(self.traffic(room), link)

    def _may_see_messages(self, request: HttpRequest) -> bool:
        shown = self.admin_site._registry.get(OutboundMessage)
        return shown is not None and shown.has_view_permission(request)
