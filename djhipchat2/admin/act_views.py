"""
The pages that ask before an act, and the addresses that act.

Looking at them changes nothing: only a POST from the page that asked does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..delivery import clock
from ..delivery.engine import database
from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..querysets import OutboundMessageQuerySet
from .acts import MOST, Act, Log
from .gist import gist
from .message_acts import ACTS
from .numbers import numbers_in
from .readonly import ReadOnlyAdmin
from .reports import Report, listed

CONFIRM = "admin/djhipchat2/outboundmessage/confirm.html"
#: Messages that a page shows before it acts on them.
SHOWN = 10

readable = require_http_methods(["GET", "HEAD", "POST"])


class ActViews(ReadOnlyAdmin):
    """Each act for one message, and for many."""

    def get_urls(self) -> list[Any]:
        # First: the admin's own last pattern takes any path.
        return [
            self.route("act/<slug:name>/", readable(self.act_on_many_view), "act"),
            *(
                self.route(
                    f"<path:object_id>/{name}/", readable(partial(self.act_view, name)), name
                )
                for name in ACTS
            ),
            *super().get_urls(),
        ]

    def act_view(self, name: str, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask whether to act on a message, or do it and show what came of it."""
        act = self._allowed(request, name)
        row = self.get_object(request, unquote(object_id))
        if row is None:
            text = _("Message %(number)s does not exist any more.")
            messages.warning(request, text % {"number": unquote(object_id)})
            return HttpResponseRedirect(self.address(request, "changelist"))
        if request.method != "POST":
            return self._ask_about_one(request, act, row)
        report = act.run([row], self.log_act(request))
        self.message_user(request, report.account(act.done(report)), report.level)
        shown = self.get_object(request, str(row.pk)) or row
        # Of a resend the copy is what matters, also if somebody else was faster.
        shown = getattr(shown, "resent_as", None) or shown
        return HttpResponseRedirect(self.address(request, "change", shown.pk))

    def act_on_many_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Act on the messages that a page has asked about, and lead back to the list."""
        act = self._allowed(request, name)
        back = HttpResponseRedirect(self.address(request, "changelist"))
        if request.method != "POST":
            messages.warning(request, _("Nothing was done. Select the messages again."))
            return back
        numbers = numbers_in(request.POST.get("rows", ""))[:MOST]
        rows = self.get_queryset(request).filter(pk__in=numbers).order_by("pk")
        report = act.run_many(rows, self.log_act(request))
        self.message_user(request, report.account(act.done(report)), report.level)
        return back

    def ask(
        self, request: HttpRequest, act: Act, selected: OutboundMessageQuerySet
    ) -> TemplateResponse:
        """Return the page that says what an act will do to selected messages."""
        is_cut = len(selected.order_by("pk").values_list("pk")[: MOST + 1]) > MOST
        wanted, left = act.split(
            (act.among(selected) if is_cut else selected).order_by("pk")[:MOST]
        )
        address = self.address(request, "act", act.name)
        back = self.address(request, "changelist")
        context = {"is_cut": is_cut, "most": MOST}
        return self._ask(request, act, wanted, left, {**context, "address": address, "back": back})

    def log_act(self, request: HttpRequest) -> Log:
        """Return what writes a log entry about a message in the user's name."""
        return lambda row, text: self.log_change(request, row, text)

    def acts_on(self, request: HttpRequest, row: OutboundMessage) -> list[dict[str, Any]]:
        """Return the buttons for a message: what applies to it and is permitted."""
        return [
            {"label": act.label, "address": self.address(request, act.name, row.pk)}
            for act in ACTS.values()
            if act.applies_to_one(row) and self.may(request, act.permission)
        ]

    def _allowed(self, request: HttpRequest, name: str) -> Act:
        act = ACTS.get(name)
        if act is None:
            raise Http404
        if not self.may(request, act.permission):
            raise PermissionDenied
        return act

    def _ask_about_one(
        self, request: HttpRequest, act: Act, row: OutboundMessage
    ) -> TemplateResponse:
        address = self.address(request, act.name, row.pk)
        back = self.address(request, "change", row.pk)
        left = Report()
        if not act.applies_to_one(row):
            left.leave(row, act.why_not_now(row))
        wanted = [] if left.left else [row]
        return self._ask(request, act, wanted, left, {"address": address, "back": back, "row": row})

    def _ask(
        self,
        request: HttpRequest,
        act: Act,
        wanted: list[OutboundMessage],
        left: Report,
        context: dict[str, Any],
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": act.label,
            "opts": self.opts,
            "media": self.media,
            "act": act,
            "promise": act.promise(len(wanted)) if wanted else "",
            "wanted": [(row, gist(row.message, row.message_format)) for row in wanted[:SHOWN]],
            "more": max(0, len(wanted) - SHOWN),
            "numbers": ",".join(str(row.pk) for row in wanted),
            "left": listed(left.left),
            "left_count": sum(map(len, left.left.values())),
            "rooms": _rooms(wanted),
            **context,
        }
        return TemplateResponse(request, CONFIRM, context)


def _rooms(rows: Iterable[OutboundMessage]) -> list[dict[str, Any]]:
    """Return the rooms of messages, those with the most of them first, and whether each is held."""
    counts = Counter((row.connection, row.room_id) for row in rows)
    using = database()
    held = Room.objects.using(using).held(clock.now(using))
    names = {
        (room.connection, room.room_id): room
        for room in held.filter(
            connection__in={connection for connection, _ in counts},
            room_id__in={WHOLE_CONNECTION, *(room_id for _, room_id in counts)},
        )
    }
    return [
        {
            "name": room_id,
            "count": count,
            "hold": names.get((connection, room_id)) or names.get((connection, WHOLE_CONNECTION)),
        }
        for (connection, room_id), count in counts.most_common(SHOWN)
    ]
