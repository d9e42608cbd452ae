"""The buttons of a message's page. Each is a form of its own: only a POST acts."""

from __future__ import annotations

from typing import Any, Protocol

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from ..models import OutboundMessage
from ..states import Status
from . import actions

METHODS = ["POST"]


class Act(Protocol):
    """What a button does to rows."""

    def __call__(self, rows: list[OutboundMessage], log: actions.Log, /) -> actions.Report: ...


class MessageButtons(admin.ModelAdmin):
    """Resend and Cancel for one message, each with a permission of its own."""

    change_form_template = "admin/djhipchat2/outboundmessage/change_form.html"

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """May the user resend messages?"""
        return self._may(request, "resend")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """May the user cancel messages?"""
        return self._may(request, "cancel")

    def _may(self, request: HttpRequest, act: str) -> bool:
        named = f"{self.opts.app_label}.{act}_{self.opts.model_name}"
        return self.has_view_permission(request) and request.user.has_perm(named)

    def get_urls(self) -> list[Any]:
        def named(act: str, view: Any) -> Any:
            name = f"{self.opts.app_label}_{self.opts.model_name}_{act}"
            return path(f"<path:object_id>/{act}/", self.admin_site.admin_view(view), name=name)

        # First: the admin's own last pattern takes any path.
        return [
            named("resend", self.resend_view),
            named("cancel", self.cancel_view),
            *super().get_urls(),
        ]

    def resend_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Resend a message and show its copy."""
        if request.method != "POST":
            return self._not_allowed(request, object_id)
        if not self.has_resend_permission(request):
            raise PermissionDenied
        return self._press(request, object_id, actions.resend, actions.account_of_resend)

    def cancel_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Cancel a message and show it."""
        if request.method != "POST":
            return self._not_allowed(request, object_id)
        if not self.has_cancel_permission(request):
            raise PermissionDenied
        return self._press(request, object_id, actions.cancel, actions.account_of_cancel)

    def log_act(self, request: HttpRequest) -> actions.Log:
        """Return what writes a log entry about a message in the user's name."""
        return lambda row, text: self.log_change(request, row, text)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        resendable = row.is_final and getattr(row, "resent_as", None) is None
        cancellable = row.status == Status.QUEUED
        context |= {
            "shows_resend": resendable and self.has_resend_permission(request),
            "shows_cancel": cancellable and self.has_cancel_permission(request),
            "was_sent": row.status == Status.SENT,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def _press(
        self, request: HttpRequest, object_id: str, act: Act, account: Any
    ) -> HttpResponseRedirect:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            text = _("Message %(number)s does not exist any more.")
            messages.warning(request, text % {"number": unquote(object_id)})
            return HttpResponseRedirect(self._address(request, "changelist"))
        report = act([row], self.log_act(request))
        self.message_user(request, account(report), report.level)
        shown = self.get_object(request, str(row.pk)) or row
        # Of a resend the copy is what matters, also if somebody else was faster.
        shown = getattr(shown, "resent_as", None) or shown
        return HttpResponseRedirect(self._address(request, "change", shown.pk))

    def _address(self, request: HttpRequest, page: str, *args: Any) -> str:
        """Return the address of a page, which leads back to the list as it was filtered."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        address = reverse(name, args=args, current_app=self.admin_site.name)
        filters = self.get_preserved_filters(request)
        return add_preserved_filters({"preserved_filters": filters, "opts": self.opts}, address)

    def _not_allowed(self, request: HttpRequest, object_id: str) -> TemplateResponse:
        """Return the page for somebody whose log-in interrupted a press of the button."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Nothing was done"),
            "opts": self.opts,
            "back": self._address(request, "change", object_id),
        }
        return TemplateResponse(
            request,
            "admin/djhipchat2/outboundmessage/not_allowed.html",
            context,
            status=405,
            headers={"Allow": ", ".join(METHODS)},
        )
