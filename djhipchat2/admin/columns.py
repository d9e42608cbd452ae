"""What the list shows of a message."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..connections import DEFAULT
from ..models import OutboundMessage
from ..states import Status
from . import rendering
from .gist import excerpt, gist


class Columns(admin.ModelAdmin):
    """Columns of the list."""

    @admin.display(description=gettext_lazy("status"))
    def state(self, row: OutboundMessage) -> SafeString:
        """Return the status, how many attempts it took, and the number of its copy."""
        count = row.attempts
        tried = ngettext("%(count)d attempt", "%(count)d attempts", count) % {"count": count}
        shown = rendering.noted(rendering.badge(Status(row.status)), tried)
        if row.held:
            shown = rendering.noted(shown, _("to be decided"))
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
        text = format_html("<bdi>{}</bdi>", gist(row.message, row.message_format))
        return rendering.noted(text, excerpt(row.error)) if row.error else text

    @admin.display(description=gettext_lazy("when"))
    def when(self, row: OutboundMessage) -> SafeString:
        """Return how long ago it was written, and when it came to its end or goes on."""
        written = rendering.relative(row.created, timezone.now())
        return rendering.noted(written, _course(row, timezone.now()))


def _course(row: OutboundMessage, now: datetime) -> SafeString | str:
    if row.finished_at is not None:
        ended = rendering.relative(row.finished_at, now)
        return format_html("{} {}", row.get_status_display(), ended)
    if row.attempt_started_at is not None:
        begun = rendering.relative(row.attempt_started_at, now)
        return format_html("{} {}", _("attempt began"), begun)
    if row.held:
        return _("when somebody decides")
    if row.next_attempt_at is None or row.next_attempt_at <= now:
        return _("as soon as possible")
    again = rendering.relative(row.next_attempt_at, now)
    return format_html("{} {}", _("next attempt"), again)
