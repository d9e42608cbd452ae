"""Messages: the list, the page of each, and the list's actions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..delivery.explain import SHOWN_CHARACTERS
from ..models import OutboundMessage
from ..querysets import OutboundMessageQuerySet
from ..states import FINAL, Status
from .actions import MOST, account_of_cancel, account_of_resend, cancel, resend_unsent
from .attempts import AttemptInline
from .buttons import MessageButtons
from .fields import TIMES, PageFields, time_field
from .filters import ConnectionFilter
from .readonly import ReadOnlyAdmin

#: The actions of the list, each with the check of its permission.
PERMITTED_BY = {
    "resend_messages": MessageButtons.has_resend_permission,
    "cancel_messages": MessageButtons.has_cancel_permission,
}


@admin.register(OutboundMessage)
class OutboundMessageAdmin(MessageButtons, PageFields, ReadOnlyAdmin):
    """What was sent, what waits and why, what failed."""

    list_display = ["id", "state_and_attempts", "room_and_sender", "beginning", "when"]
    list_display_links = ["id", "beginning"]
    list_filter = ["status", ConnectionFilter, "color", "created"]
    list_select_related = ["resent_as"]
    search_fields = ["=id", "room_id", "sender", "message", "error"]
    search_help_text = gettext_lazy("Number, room, sender, text or error")
    sortable_by = ["id"]
    ordering = ["-id"]
    actions = ["resend_messages", "cancel_messages"]
    inlines = [AttemptInline]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that the message has; empty ones would hide the others."""
        lineage = [name for name in ("resend_of", "resent_as") if getattr(obj, name, None)]
        card = ["card_text"] if obj.card else []
        # What the reason does not tell in full.
        longer = len(obj.error) > SHOWN_CHARACTERS or obj.status == Status.SENDING
        error = ["error"] if obj.error and longer else []
        key = ["dedupe_key"] if obj.dedupe_key else []
        times = [time_field(name) for name in TIMES if getattr(obj, name) is not None]
        return [
            (None, {"fields": ["state", "why", *error, *(f"{name}_link" for name in lineage)]}),
            (_("Message"), {"fields": [("room_link", "sender", "look"), "text", *card]}),
            (_("Delivery"), {"fields": [("attempts", *times), ("connection", "backend", *key)]}),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; refuse a forbidden action instead of overlooking it, as Django does."""
        may = PERMITTED_BY.get(request.POST.get("action", ""))
        if may is not None and not may(self, request):
            raise PermissionDenied
        return super().changelist_view(request, extra_context)

    @admin.action(permissions=["resend"], description=gettext_lazy("Resend if not sent"))
    def resend_messages(self, request: HttpRequest, rows: OutboundMessageQuerySet) -> None:
        """Resend the selected messages that came to their end unsent."""
        unsent = [status for status in FINAL if status is not Status.SENT]
        chosen = self._oldest(request, rows, rows.filter(status__in=unsent, resent_as=None))
        report = resend_unsent(chosen, self.log_act(request))
        self.message_user(request, account_of_resend(report), report.level)

    @admin.action(permissions=["cancel"], description=gettext_lazy("Cancel if still queued"))
    def cancel_messages(self, request: HttpRequest, rows: OutboundMessageQuerySet) -> None:
        """Cancel the selected messages that are still queued."""
        chosen = self._oldest(request, rows, rows.queued())
        report = cancel(chosen, self.log_act(request))
        self.message_user(request, account_of_cancel(report), report.level)

    def _oldest(
        self,
        request: HttpRequest,
        selected: OutboundMessageQuerySet,
        applicable: OutboundMessageQuerySet,
    ) -> list[OutboundMessage]:
        """Return the selected rows; of too many the oldest that can be acted on."""
        rows = list(selected.order_by("pk")[: MOST + 1])
        if len(rows) <= MOST:
            return rows
        text = _("Only the oldest %(most)d were acted on. Repeat the action for the next ones.")
        self.message_user(request, text % {"most": MOST}, messages.WARNING)
        return list(applicable.order_by("pk")[:MOST])
