"""Writing a message in the admin: a form, a look at it, and only then the chat."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..api import send_message
from ..conf import settings
from ..connections import connections
from ..delivery.engine import database
from ..exceptions import HipChatError, MessageError
from ..models import OutboundMessage
from ..outbox import CALL_DEFAULTS, KnownTerms, prepare
from ..states import Color, MessageFormat
from . import preview
from .act_views import readable
from .page import bubble_of
from .readonly import ReadOnlyAdmin
from .refusals import refusal, rule_of

TEMPLATE = "admin/djhipchat2/outboundmessage/compose.html"


class ComposeForm(forms.Form):
    """A message to be sent."""

    using = forms.ChoiceField(label=gettext_lazy("Connection"))
    room_id = forms.CharField(
        label=gettext_lazy("Room"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    sender = forms.CharField(label=gettext_lazy("Sender"), max_length=64)
    message_format = forms.ChoiceField(
        label=gettext_lazy("Format"), choices=MessageFormat, initial=MessageFormat.TEXT
    )
    color = forms.ChoiceField(label=gettext_lazy("Colour"), choices=Color, initial=Color.YELLOW)
    notify = forms.BooleanField(label=gettext_lazy("Notify the room"), required=False)
    message = forms.CharField(
        label=gettext_lazy("Message"), strip=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    #: A second press of the button is told by it from a second message.
    key = forms.UUIDField(widget=forms.HiddenInput)

    #: What it will write: more than one row where a route leads to several connections.
    rows: list[OutboundMessage]

    def __init__(self, *args: Any, suggestions: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = connections.aliases()
        self.fields["using"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.fields["room_id"].widget.attrs["data-hipchat-suggest"] = suggestions

    def clean(self) -> dict[str, Any]:
        """Refuse what ``send_message()`` would refuse."""
        call = super().clean() or {}
        if self.errors:
            return call
        try:
            self.rows = [row for row, _ in prepare({**CALL_DEFAULTS, **self.call()}, KnownTerms())]
        except MessageError as error:
            field = error.field if error.field in self.fields else None
            self.add_error(field, rule_of(error))
        except (HipChatError, ImproperlyConfigured) as error:
            self.add_error(None, refusal(error))
        return call

    def call(self) -> dict[str, Any]:
        """Return the arguments of ``send_message()``."""
        names = ("using", "room_id", "sender", "message_format", "color", "notify", "message")
        call = {name: self.cleaned_data[name] for name in names}
        # A textarea has the line breaks of HTTP.
        return {**call, "message": call["message"].replace("\r\n", "\n")}


class ComposeViews(ReadOnlyAdmin):
    """Send message."""

    def get_urls(self) -> list[Any]:
        return [self.route("compose/", readable(self.compose_view), "compose"), *super().get_urls()]

    def compose_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a message, show it, and send it when it was looked at."""
        if not self.may(request, "send"):
            raise PermissionDenied
        suggestions = self.suggestions()
        if request.method != "POST":
            given = {
                name: request.GET[name] for name in ("room_id", "using") if name in request.GET
            }
            first = {"sender": settings.default_sender, "key": uuid.uuid4(), **given}
            return self._page(request, ComposeForm(initial=first, suggestions=suggestions))
        form = ComposeForm(request.POST, suggestions=suggestions)
        if not form.is_valid() or "_change" in request.POST:
            return self._page(request, form)
        if "_send" not in request.POST:
            return self._page(request, form, shown=form.rows)
        row = self._send(request, form)
        text = _("Message %(number)s is written, now %(status)s.")
        row.refresh_from_db()
        messages.success(request, text % {"number": row.pk, "status": row.get_status_display()})
        return HttpResponseRedirect(self.address(request, "change", row.pk))

    def _send(self, request: HttpRequest, form: ComposeForm) -> OutboundMessage:
        started = timezone.now()
        with transaction.atomic(using=database()):
            key = f"admin-{form.cleaned_data['key']}"
            row = send_message(**form.call(), dedupe_key=key)
            # A second press of the button finds the rows of the first.
            for written in row.routed_together().filter(created__gte=started):
                self.log_addition(request, written, _("Written in the admin."))
        return row

    def _page(
        self, request: HttpRequest, form: ComposeForm, *, shown: list[OutboundMessage] | None = None
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Send message"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "shown": shown,
            "places": [f"{row.room_id} ({row.connection})" for row in shown or []],
            "bubble": _bubble(shown[0]) if shown else None,
            "back": self.address(request, "changelist"),
        }
        return TemplateResponse(request, TEMPLATE, context)


def _bubble(row: OutboundMessage) -> str:
    """Return a message that has no row yet, as the chat will show it."""
    context = bubble_of(row, "")
    if context["text"] is None and preview.can_show_html():
        frame = {"html": preview.as_html(row.message), "sheet": static("djhipchat2/frame.css")}
        context["srcdoc"] = render_to_string("djhipchat2/admin/frame.html", frame)
    return render_to_string("djhipchat2/admin/bubble.html", context)
