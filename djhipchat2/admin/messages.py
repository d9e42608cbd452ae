"""Messages: the list, the page of each, and the list's actions."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..delivery import clock
from ..delivery.engine import database
from ..delivery.wording import SHOWN_CHARACTERS
from ..models import OutboundMessage
from ..querysets import OutboundMessageQuerySet
from ..states import Status
from . import chart, message_acts, panel, preview
from .act_views import ActViews
from .changelists import MessageChangeList, is_number, number_in
from .columns import Columns
from .compose import ComposeViews
from .export_views import ExportViews
from .filters import AttentionFilter, ConnectionFilter, RoomFilter
from .page import TIMES, PageFields, time_field
from .timeline import timeline_of
from .written import WrittenFilter

#: The messages that one may come from, or lead to.
LINEAGE = ("resend_of", "resent_as", "fallback_of", "fell_back_as")
#: The actions of the list, each with the act that it asks about.
ACTIONS = {
    "resend_messages": message_acts.RESEND,
    "retry_messages": message_acts.RETRY,
    "cancel_messages": message_acts.CANCEL,
    "mark_sent_messages": message_acts.MARK_SENT,
}


@admin.register(OutboundMessage)
class OutboundMessageAdmin(ActViews, ExportViews, ComposeViews, PageFields, Columns):
    """What was sent, what waits and why, what failed."""

    changelist_class = MessageChangeList
    change_form_template = "admin/djhipchat2/outboundmessage/change_form.html"
    change_list_template = "admin/djhipchat2/outboundmessage/change_list.html"
    list_display = ["id", "state", "room_and_sender", "beginning", "when"]
    list_display_links = ["id", "beginning"]
    list_filter = [
        AttentionFilter,
        "status",
        RoomFilter,
        WrittenFilter,
        ConnectionFilter,
        "color",
    ]
    list_select_related = ["resent_as"]
    search_fields = ["room_id", "sender", "message", "error"]
    search_help_text = gettext_lazy("Number, room, sender, text or error")
    sortable_by = ()
    ordering = ["-id"]
    empty_text = gettext_lazy(
        "No message was written yet. Write one with send_message(), or press “Send message”."
    )
    actions = [*ACTIONS, "export_messages"]

    class Media:
        js = ["djhipchat2/cards.js"]

    def get_urls(self) -> list[Any]:
        return [
            self.route("<path:object_id>/frame/", self.frame_view, "frame"),
            *super().get_urls(),
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that the message has; empty ones would hide the others."""
        lineage = [name for name in LINEAGE if getattr(obj, name, None)]
        together = ["together"] if obj.route_group else []
        card = ["card_text"] if obj.card else []
        # What the reason does not tell in full.
        longer = len(obj.error) > SHOWN_CHARACTERS or obj.status == Status.SENDING
        error = ["error"] if obj.error and longer else []
        more = [name for name in ("dedupe_key", "fallback") if getattr(obj, name)]
        times = [time_field(name) for name in TIMES if getattr(obj, name) is not None]
        why = ["status_word", "why", *error, *(f"{name}_link" for name in lineage), *together]
        return [
            (None, {"fields": why}),
            (_("Message"), {"fields": ["bubble", ("room_link", "sender", "look"), "text", *card]}),
            (_("Delivery"), {"fields": [("attempts", *times), ("connection", "backend", *more)]}),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, distinct = super().get_search_results(request, queryset, search_term)
        number = number_in(search_term)
        if number is None:
            return found, distinct
        if is_number(search_term):
            return queryset.filter(pk=number), distinct
        return found | queryset.filter(Q(pk=number)), distinct

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list; refuse a forbidden action instead of overlooking it, as Django does."""
        act = ACTIONS.get(request.POST.get("action", ""))
        if act is not None and not self.may(request, act.permission):
            raise PermissionDenied
        context: dict[str, Any] = {
            "title": _("Messages"),
            "subtitle": None,
            "compose_address": self.may(request, "send") and self.plain_address("compose"),
            "rooms_address": self.rooms_address(request),
        }
        response = super().changelist_view(request, {**context, **(extra_context or {})})
        shown = getattr(response, "context_data", None) or {}
        changelist = shown.get("cl")
        if changelist is not None:
            now = clock.now(database())
            rows, searched = changelist.queryset, bool(changelist.query)
            shown |= {"panel": panel.look(now), "chart": chart.draw(rows, now, searched=searched)}
            shown["export_address"] = self.plain_address("export") + changelist.get_query_string()
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        context |= {
            "title": _("Message %(number)s") % {"number": row.pk},
            "subtitle": None,
            "acts": self.acts_on(request, row),
            "timeline": timeline_of(row),
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def frame_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the HTML of a message, for the frame on its page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None or not preview.can_show_html():
            raise Http404
        return preview.frame(request, row.message)

    @admin.action(permissions=["resend"], description=gettext_lazy("Resend if not sent"))
    def resend_messages(self, request: HttpRequest, rows: OutboundMessageQuerySet) -> HttpResponse:
        """Ask whether to resend the selected messages that came to their end unsent."""
        return self.ask(request, message_acts.RESEND, rows)

    @admin.action(permissions=["resend"], description=gettext_lazy("Retry now if queued"))
    def retry_messages(self, request: HttpRequest, rows: OutboundMessageQuerySet) -> HttpResponse:
        """Ask whether to try the selected messages at once that wait."""
        return self.ask(request, message_acts.RETRY, rows)

    @admin.action(permissions=["cancel"], description=gettext_lazy("Cancel if still queued"))
    def cancel_messages(self, request: HttpRequest, rows: OutboundMessageQuerySet) -> HttpResponse:
        """Ask whether to cancel the selected messages that are still queued."""
        return self.ask(request, message_acts.CANCEL, rows)

    @admin.action(permissions=["cancel"], description=gettext_lazy("Mark as sent if to be decided"))
    def mark_sent_messages(
        self, request: HttpRequest, rows: OutboundMessageQuerySet
    ) -> HttpResponse:
        """Ask whether the selected messages that wait for a decision count as sent."""
        return self.ask(request, message_acts.MARK_SENT, rows)

    @admin.action(permissions=["view"], description=gettext_lazy("Export"))
    def export_messages(self, request: HttpRequest, rows: OutboundMessageQuerySet) -> HttpResponse:
        """Ask how to export the selected messages, or all that match the filters."""
        if request.POST.get("select_across") == "1":
            address = self.plain_address("export")
            return HttpResponseRedirect(f"{address}?{request.GET.urlencode()}")
        return self.ask_for_format(request, rows, selected=True)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """May the user resend messages, and have them retried?"""
        return self.may(request, "resend")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """May the user cancel messages, and mark them as sent?"""
        return self.may(request, "cancel")
