"""What the page of a message shows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..delivery.overview import why
from ..models import OutboundMessage
from ..states import Color, MessageFormat, Status
from . import preview, rendering
from .readonly import ReadOnlyAdmin

TIMES = {
    "created": gettext_lazy("written at"),
    "deliver_at": gettext_lazy("not before"),
    "expires_at": gettext_lazy("not after"),
    "attempt_started_at": gettext_lazy("being sent since"),
    "next_attempt_at": gettext_lazy("next attempt"),
    "finished_at": gettext_lazy("finished at"),
}


def time_field(name: str) -> Callable[[OutboundMessage], SafeString]:
    """Return a field of the page that shows a time to the second."""

    @admin.display(description=TIMES[name])
    def shown(row: OutboundMessage) -> SafeString:
        return rendering.time_element(getattr(row, name))

    return shown


def bubble_of(row: OutboundMessage, frame: str) -> dict[str, Any]:
    """Return what the template of a message in the chat needs; ``frame`` is its HTML's address."""
    is_text = row.message_format == MessageFormat.TEXT
    return {
        "row": row,
        "color": Color(row.color),
        "text": preview.as_text(row.message) if is_text else None,
        "frame": frame if preview.can_show_html() else None,
        "height": preview.height(row.message),
        "hint": preview.HINT,
    }


class PageFields(ReadOnlyAdmin):
    """Fields of a message's own page."""

    @admin.display(description=gettext_lazy("status"))
    def status_word(self, row: OutboundMessage) -> SafeString:
        """Return the status."""
        return rendering.badge(Status(row.status))

    @admin.display(description=gettext_lazy("why"))
    def why(self, row: OutboundMessage) -> SafeString:
        """Return in words why the message is where it is."""
        return format_html('<bdi class="hipchat-why">{}</bdi>', rendering.sentence(why(row)))

    @admin.display(description=gettext_lazy("room"))
    def room_link(self, row: OutboundMessage) -> SafeString:
        """Return the room with the address of all messages to it."""
        address = self.plain_address("changelist")
        query = urlencode({"connection": row.connection, "room_id": row.room_id})
        words = _("all messages")
        link = format_html('<a class="hipchat-way" href="{}?{}">{}</a>', address, query, words)
        return format_html("<bdi>{}</bdi> ({})", row.room_id, link)

    @admin.display(description=gettext_lazy("in the chat"))
    def bubble(self, row: OutboundMessage) -> SafeString:
        """Return the message as the chat shows it."""
        return render_to_string("djhipchat2/admin/bubble.html", bubble_of(row, self._frame(row)))

    @admin.display(description=gettext_lazy("source"))
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

    @admin.display(description=gettext_lazy("fallback of"))
    def fallback_of_link(self, row: OutboundMessage) -> SafeString:
        """Return the message that failed elsewhere, and is tried here."""
        return self._link(row.fallback_of)

    @admin.display(description=gettext_lazy("fell back as"))
    def fell_back_as_link(self, row: OutboundMessage) -> SafeString:
        """Return the message that is tried elsewhere instead of this one."""
        return self._link(row.fell_back_as)

    @admin.display(description=gettext_lazy("sent together with"))
    def together(self, row: OutboundMessage) -> SafeString:
        """Return the messages of the same call, which a route sent to other connections."""
        others = row.routed_together().exclude(pk=row.pk).order_by("pk")
        links = ((self._link(other), other.connection) for other in others)
        return format_html_join(" ", "{} ({})", links)

    def _frame(self, row: OutboundMessage) -> str:
        return self.plain_address("frame", row.pk)

    def _link(self, row: Any) -> SafeString:
        address = self.plain_address("change", row.pk)
        badge = rendering.badge(Status(row.status))
        return format_html('<a href="{}">{}</a> {}', address, row.pk, badge)
