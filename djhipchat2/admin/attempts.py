"""The attempts to deliver a message, on the message's page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import DeliveryAttempt
from ..states import Outcome
from . import rendering
from .readonly import ReadOnly


class AttemptInline(ReadOnly, admin.TabularInline):
    """What each attempt came to, the last one first."""

    model = DeliveryAttempt
    template = "admin/djhipchat2/outboundmessage/attempts.html"
    fields = ["count", "result", "response", "begun", "again", "maker"]
    readonly_fields = ["count", "result", "response", "begun", "again", "maker"]
    ordering = ["-id"]
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True  # whoever may see the message

    @admin.display(description=gettext_lazy("attempt"))
    def count(self, row: DeliveryAttempt) -> str | SafeString:
        """Return the attempt's number, and whether it is refunded."""
        if row.counted:
            return str(row.number)
        return rendering.noted(row.number, _("not counted"))

    @admin.display(description=gettext_lazy("outcome"))
    def result(self, row: DeliveryAttempt) -> SafeString:
        """Return the outcome with the HTTP status."""
        badge = rendering.badge(Outcome(row.outcome))
        if row.http_status is None:
            return badge
        return rendering.noted(badge, _("HTTP %(status)s") % {"status": row.http_status})

    @admin.display(description=gettext_lazy("error and the server's answer"))
    def response(self, row: DeliveryAttempt) -> SafeString | str:
        """Return the error in words and, below it, what the server wrote."""
        if not row.answer:
            return format_html("<bdi>{}</bdi>", row.error) if row.error else rendering.NOTHING
        return format_html("<bdi>{}</bdi>{}", row.error, rendering.source(row.answer))

    @admin.display(description=gettext_lazy("started"))
    def begun(self, row: DeliveryAttempt) -> SafeString:
        """Return when it started and how long it took."""
        if row.duration_ms is None:
            taken = _("nobody knows how long")
        else:
            taken = _("%(number)d ms") % {"number": row.duration_ms}
        return rendering.noted(rendering.time_element(row.started_at), taken)

    @admin.display(description=gettext_lazy("next attempt"))
    def again(self, row: DeliveryAttempt) -> SafeString | str:
        """Return when the next attempt was to be."""
        return (
            rendering.time_element(row.next_attempt_at)
            if row.next_attempt_at
            else rendering.NOTHING
        )

    @admin.display(description=gettext_lazy("worker"))
    def maker(self, row: DeliveryAttempt) -> SafeString:
        """Return who made it and what set it off."""
        worker = format_html('<span class="hipchat-worker">{}</span>', row.worker)
        return rendering.noted(worker, row.get_trigger_display())
