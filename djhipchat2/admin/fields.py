"""What the list and the page show of a message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..connections import DEFAULT
from ..delivery import clock
from ..delivery.engine import database
from ..delivery.explain import explain, moment
from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..states import Status
from . import rendering

TIMES = {
    "created": gettext_lazy("written at"),
    "deliver_at": gettext_lazy("not before"),
    "expires_at": gettext_lazy("not after"),
    "attempt_started_at": gettext_lazy("being sent since"),
    "next_attempt_at": gettext_lazy("next attempt"),
    "finished_at": gettext_lazy("finished at"),
}


def time_field(name: str) -> Callable[[OutboundMessage], str]:
    """Return a field of the page that shows a time to the second."""

    @admin.display(description=TIMES[name])
    def shown(row: OutboundMessage) -> str:
        return moment(getattr(row, name))

    return shown


class ListFields(admin.ModelAdmin):
    """Columns of the list."""

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: OutboundMessage) -> SafeString:
        """Return the status."""
        return rendering.badge(Status(row.status))

    @admin.display(description=gettext_lazy("status"))
    def state_and_attempts(self, row: OutboundMessage) -> SafeString:
        """Return the status, how many attempts it took, and the number of its copy."""
        count = row.attempts
        tried = ngettext("%(count)d attempt", "%(count)d attempts", count) % {"count": count}
        shown = rendering.noted(self.state(row), tried)
        copy = getattr(row, "resent_as", None)
        if copy is None:
            return shown
        return rendering.noted(shown, _("resent as %(number)s") % {"number": copy.pk})

    @admin.display(description=gettext_lazy("room, sender"))
    def room_and_sender(self, row: OutboundMessage) -> SafeString:
        """Return the room, the sender, and the connection unless it is the usual one."""
        room = format_html("<bdi>{}</bdi>", row.room_id)
        shown = rendering.noted(room, _("from %(sender)s") % {"sender": row.sender})
        if row.connection == DEFAULT:
            return shown
        return rendering.noted(shown, _("by %(connection)s") % {"connection": row.connection})

    @admin.display(description=gettext_lazy("message"))
    def beginning(self, row: OutboundMessage) -> SafeString:
        """Return the beginning of the text, and of the error below."""
        text = format_html("<bdi>{}</bdi>", rendering.excerpt(row.message))
        return rendering.noted(text, rendering.excerpt(row.error)) if row.error else text

    @admin.display(description=gettext_lazy("when"))
    def when(self, row: OutboundMessage) -> SafeString:
        """Return when it was written, and when it came to its end or goes on."""
        written = rendering.time_element(row.created, rendering.TO_THE_MINUTE)
        if row.finished_at is not None:
            text = row.get_status_display()
        elif row.attempt_started_at is not None:
            text = _("attempt began")
        else:
            text = _("next attempt")
        moved = row.finished_at or row.attempt_started_at or row.next_attempt_at
        if moved is None:
            return rendering.noted(written, _("as soon as possible"))
        time = rendering.time_element(moved, rendering.TO_THE_MINUTE)
        return rendering.noted(written, format_html("{} {}", text, time))


class PageFields(ListFields):
    """Fields of a message's own page."""

    @admin.display(description=gettext_lazy("why"))
    def why(self, row: OutboundMessage) -> SafeString:
        """Return in words why the message is where it is."""
        rows = Room.objects.using(database()).filter(connection=row.connection)
        rooms = {
            room.room_id: room for room in rows.filter(room_id__in=[row.room_id, WHOLE_CONNECTION])
        }
        whole = rooms.get(WHOLE_CONNECTION)
        text = explain(row, rooms.get(row.room_id), clock.now(database()), whole=whole)
        return format_html('<bdi class="hipchat-why">{}</bdi>', text)

    @admin.display(description=gettext_lazy("room"))
    def room_link(self, row: OutboundMessage) -> SafeString:
        """Return the room with the address of all messages to it."""
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist"
        address = reverse(name, current_app=self.admin_site.name)
        query = urlencode({"connection": row.connection, "room_id": row.room_id})
        link = format_html('<a href="{}?{}">{}</a>', address, query, _("all messages"))
        return format_html("<bdi>{}</bdi> ({})", row.room_id, link)

    @admin.display(description=gettext_lazy("message"))
    def text(self, row: OutboundMessage) -> SafeString:
        """Return the text as it was written; what is HTML in it stays source."""
        return rendering.source(row.message)

    @admin.display(description=gettext_lazy("card"))
    def card_text(self, row: OutboundMessage) -> SafeString:
        """Return the card as JSON."""
        return rendering.card_source(row.card)

    @admin.display(description=gettext_lazy("shown as"))
    def look(self, row: OutboundMessage) -> SafeString:
        """Return colour and format, and whether people are notified."""
        notice = _("notifies the room") if row.notify else _("notifies nobody")
        sample = rendering.color_sample(row.color)
        return format_html("{}, {}, {}", sample, row.get_message_format_display(), notice)

    @admin.display(description=gettext_lazy("resend of"))
    def resend_of_link(self, row: OutboundMessage) -> SafeString:
        """Return the message that this one repeats."""
        return self._link(row.resend_of)

    @admin.display(description=gettext_lazy("resent as"))
    def resent_as_link(self, row: OutboundMessage) -> SafeString:
        """Return the message that repeats this one."""
        return self._link(row.resent_as)

    def _link(self, row: Any) -> SafeString:
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
        address = reverse(name, args=[row.pk], current_app=self.admin_site.name)
        badge = rendering.badge(Status(row.status))
        return format_html('<a href="{}">{}</a> {}', address, row.pk, badge)
