"""Pages that show rows and change none: only delivery writes them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, path, reverse

from ..error_reports import with_safe_reports
from ..models import Room
from .numbers import number_of


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list and a page a row, for tables of any size; nobody adds, changes or deletes rows."""

    list_per_page = 50
    # Each of these counts the table once more.
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    changelist_class: type[ChangeList]

    class Media:
        css = {"all": ["djhipchat2/admin.css"]}
        js = ["djhipchat2/times.js", "djhipchat2/suggest.js"]

    @property
    def urls(self) -> list[Any]:
        """The patterns of all pages; a report of an error on one of them shows no secret."""
        patterns = self.get_urls()
        for pattern in patterns:
            pattern.callback = with_safe_reports(pattern.callback)
        return patterns

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return self.changelist_class

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        # Django looks for a field without a name where an address has ?_to_field=.
        return super().get_object(request, object_id, from_field or None)

    def response_action(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Django would look for rows whose number is no number.
        chosen = request.POST.copy()
        numbers = map(number_of, chosen.getlist(ACTION_CHECKBOX_NAME))
        chosen.setlist(ACTION_CHECKBOX_NAME, [str(n) for n in numbers if n is not None])
        request.POST = chosen  # type: ignore[assignment]
        return super().response_action(request, *args, **kwargs)

    def may(self, request: HttpRequest, act: str) -> bool:
        """May the user see rows of this kind, and act on them in a way?"""
        named = f"{self.opts.app_label}.{act}_{self.opts.model_name}"
        return self.has_view_permission(request) and request.user.has_perm(named)

    def route(self, address: str, view: Any, name: str) -> Any:
        """Return the pattern of a page of this admin."""
        full = f"{self.opts.app_label}_{self.opts.model_name}_{name}"

        def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            # What {% url %} needs where a site has several admins.
            request.current_app = self.admin_site.name
            response: HttpResponseBase = view(request, *args, **kwargs)
            return response

        return path(address, self.admin_site.admin_view(shown), name=full)

    def address(self, request: HttpRequest, page: str, *args: Any) -> str:
        """Return the address of a page, which leads back to the list as it was filtered."""
        plain = self.plain_address(page, *args)
        filters = self.get_preserved_filters(request)
        return add_preserved_filters({"preserved_filters": filters, "opts": self.opts}, plain)

    def plain_address(self, page: str, *args: Any) -> str:
        """Return the address of a page."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    def rooms_address(self, request: HttpRequest) -> str:
        """Return the address of the list of rooms; empty if the user may not see it."""
        shown = self.admin_site._registry.get(Room)
        if shown is None or not shown.has_view_permission(request):
            return ""
        return reverse("admin:djhipchat2_room_changelist", current_app=self.admin_site.name)

    def suggestions(self) -> str:
        """Return the address that suggests names of rooms; empty if rooms are not shown."""
        return suggestions(self.admin_site.name)


def suggestions(site: str) -> str:
    """Return the address at which an admin suggests names of rooms; empty if it shows no rooms."""
    try:
        return reverse("admin:djhipchat2_room_names", current_app=site)
    except NoReverseMatch:
        return ""
