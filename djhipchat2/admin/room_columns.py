"""What the list of rooms, and the page of each, shows of a room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..connections import DEFAULT
from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..states import HoldReason
from . import rendering
from .panel import counted
from .readonly import ReadOnlyAdmin

#: Queued messages of a room that are counted; of more only this is told.
MOST = 1_000


def with_queues(rooms: QuerySet[Any]) -> QuerySet[Any]:
    """Return rooms that know whether their queue is too long to be counted (``long``)."""
    queue = OutboundMessage.objects.queued().in_room(OuterRef("connection"), OuterRef("room_id"))  # type: ignore[arg-type]
    known: QuerySet[Any] = rooms.annotate(
        long=Subquery(queue.order_by("pk").values("pk")[MOST : MOST + 1])
    )
    return known


def count_queues(rooms: Iterable[Any]) -> None:
    """Write to each room how many messages wait for it (``queue``), with one query for all."""
    short = [room for room in rooms if room.long is None]
    queued = OutboundMessage.objects.queued().filter(
        connection__in={room.connection for room in short},
        room_id__in={room.room_id for room in short},
    )
    grouped = queued.order_by().values_list("connection", "room_id").annotate(Count("pk"))
    counts = {(connection, room_id): count for connection, room_id, count in grouped}
    for room in rooms:
        count = counts.get((room.connection, room.room_id), 0)
        room.queue = count if room.long is None else MOST + 1


class RoomColumns(ReadOnlyAdmin):
    """Columns and fields of rooms."""

    @admin.display(description=gettext_lazy("room"))
    def room(self, room: Room) -> SafeString | str:
        """Return the room's name."""
        if room.room_id == WHOLE_CONNECTION:
            return _("all rooms")
        return format_html("<bdi>{}</bdi>", room.room_id)

    @admin.display(description=gettext_lazy("room"))
    def room_and_connection(self, room: Room) -> SafeString | str:
        """Return the room's name, and its connection unless that is the usual one."""
        shown = self.room(room)
        if room.connection == DEFAULT:
            return shown
        return rendering.noted(shown, _("by %(connection)s") % {"connection": room.connection})

    @admin.display(description=gettext_lazy("hold"))
    def hold(self, room: Room) -> SafeString | str:
        """Return why nothing goes to the room, until when, and what was noted about it."""
        if not room.hold_reason:
            return _("no hold")
        label = HoldReason(room.hold_reason).label
        now = timezone.now()
        if room.hold_until is None:
            until: str | SafeString = _("until it is lifted")
        elif room.hold_until <= now:
            # The next delivery removes it.
            return rendering.noted(_("no hold"), _("%(reason)s, over") % {"reason": label})
        else:
            until = format_html(_("ends {}"), rendering.relative(room.hold_until, now))
        text = format_html('<span class="hipchat-badge hipchat-held">‖ {}</span> {}', label, until)
        for note in filter(None, [room.hold_note, self._holder(room)]):
            text = rendering.noted(text, note)
        return text

    @admin.display(description=gettext_lazy("queue"))
    def queue(self, room: Any) -> str:
        """Return how many messages wait."""
        if room.room_id == WHOLE_CONNECTION:
            return rendering.NOTHING
        if not hasattr(room, "queue"):
            count_queues([room])
        text = ngettext("%(count)s queued", "%(count)s queued", room.queue)
        return text % {"count": counted(room.queue, MOST)}

    @admin.display(description=gettext_lazy("queue"))
    def queue_and_trouble(self, room: Room) -> SafeString | str:
        """Return how many messages wait, and how many attempts in a row came to nothing."""
        shown = self.queue(room)
        return rendering.noted(shown, self.trouble(room)) if room.failures else shown

    @admin.display(description=gettext_lazy("failures"))
    def trouble(self, room: Room) -> str:
        """Return how many attempts in a row came to nothing."""
        count = room.failures
        if not count:
            return _("no failure")
        text = ngettext("%(count)d failure in a row", "%(count)d failures in a row", count)
        return text % {"count": count}

    @admin.display(description=gettext_lazy("messages sent"))
    def traffic(self, room: Room) -> SafeString | str:
        """Return how many messages were accepted, and when the last one was."""
        number = number_format(room.sent, force_grouping=True)
        sent = _("%(number)s sent") % {"number": number}
        if room.last_sent_at is None:
            return sent
        last = rendering.relative(room.last_sent_at, timezone.now())
        return rendering.noted(sent, format_html(_("last {}"), last))

    @admin.display(description=gettext_lazy("being delivered by"))
    def lease(self, room: Room) -> SafeString | str:
        """Return the worker that delivers to the room, and until when it has the room."""
        if room.lease_expires_at is None:
            return _("no worker")
        worker = format_html('<bdi class="hipchat-worker">{}</bdi>', room.lease_owner)
        if room.lease_expires_at <= timezone.now():
            return rendering.noted(worker, _("gone silent; the next delivery takes over"))
        until = rendering.relative(room.lease_expires_at, timezone.now())
        return rendering.noted(worker, format_html(_("ends {}"), until))

    @admin.display(description=gettext_lazy("messages"))
    def ways(self, room: Room) -> SafeString:
        """Return the ways to the room's messages: as they stand in the chat, and as a list."""
        wanted = {"connection": room.connection}
        if room.room_id != WHOLE_CONNECTION:
            wanted["room_id"] = room.room_id
        opts = OutboundMessage._meta
        name = f"admin:{opts.app_label}_{opts.model_name}_changelist"
        messages = f"{reverse(name, current_app=self.admin_site.name)}?{urlencode(wanted)}"
        link = format_html('<a class="hipchat-way" href="{}">{}</a>', messages, _("all messages"))
        if room.room_id == WHOLE_CONNECTION:
            return link
        wall = self.plain_address("transcript", room.pk)
        way = format_html('<a class="hipchat-way" href="{}">{}</a>', wall, _("transcript"))
        return rendering.noted(way, link)

    def may_see_messages(self, request: HttpRequest) -> bool:
        """May the user see the messages of rooms, and are they shown at all?"""
        shown = self.admin_site._registry.get(OutboundMessage)
        return shown is not None and shown.has_view_permission(request)

    def _holder(self, room: Room) -> SafeString | str:
        if room.held_at is None:
            return ""
        since = rendering.relative(room.held_at, timezone.now())
        if not room.held_by:
            return format_html(_("since {}"), since)
        return format_html(_("by {}, {}"), format_html("<bdi>{}</bdi>", room.held_by), since)
