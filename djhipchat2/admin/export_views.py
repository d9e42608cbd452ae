"""The page that asks how to export messages, and the files that it leads to."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from .act_views import readable
from .acts import MOST
from .export import FORMATS
from .numbers import numbers_in
from .panel import counted
from .readonly import ReadOnlyAdmin

TEMPLATE = "admin/djhipchat2/outboundmessage/export.html"


class ExportViews(ReadOnlyAdmin):
    """Export of the messages that are selected, or that match the filters of the list."""

    def get_urls(self) -> list[Any]:
        return [self.route("export/", readable(self.export_view), "export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> Any:
        """Ask for the kind of file, or send it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            messages.warning(request, _("These filters cannot be read."))
            return HttpResponseRedirect(self.plain_address("changelist"))
        query = changelist.get_query_string()
        numbers = numbers_in(request.POST.get("rows", ""))
        kind = request.POST.get("format", "")
        if kind not in FORMATS:
            return self.ask_for_format(request, changelist.queryset, query)
        rows = changelist.root_queryset.filter(pk__in=numbers) if numbers else changelist.queryset
        return self._file(request, rows, kind)

    def ask_for_format(
        self, request: HttpRequest, rows: QuerySet[Any], query: str = "", *, selected: bool = False
    ) -> HttpResponse:
        """Return the page that asks for the kind of file."""
        numbers: list[int] = []
        if selected:
            numbers = list(rows.order_by("pk").values_list("pk", flat=True)[:MOST])
        count = len(numbers) if selected else rows.order_by()[: MOST + 1].count()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.opts,
            "media": self.media,
            "count": counted(count, MOST),
            "numbers": ",".join(map(str, numbers)),
            "formats": [(kind, kind.upper()) for kind in FORMATS],
            "address": self.plain_address("export") + query,
            "back": self.plain_address("changelist") + query,
        }
        return TemplateResponse(request, TEMPLATE, context)

    def _file(self, request: HttpRequest, rows: QuerySet[Any], kind: str) -> StreamingHttpResponse:
        """Return a file that is written while it is sent."""
        content_type, write = FORMATS[kind]
        LogEntry.objects.create(
            user_id=request.user.pk or 0,
            content_type=ContentType.objects.get_for_model(self.model),
            object_repr=str(self.opts.verbose_name_plural),
            action_flag=CHANGE,
            change_message=_("Exported as %(format)s.") % {"format": kind.upper()},
        )
        response = StreamingHttpResponse(write(rows), content_type=content_type)
        name = f"messages-{timezone.now():%Y%m%d-%H%M%S}.{kind}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "no-store"
        return response
