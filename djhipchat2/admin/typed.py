"""Filters whose values are typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class TypedFilter(admin.ListFilter):
    """A filter whose values are typed into a form instead of chosen from links."""

    #: By which themes know a filter.
    parameter_name: str
    parameter_names: tuple[str, ...]

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.parameter_names:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].strip()

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """Yield what the form has to repeat of the address, and the way without this filter."""
        others = changelist.filter_params.items()
        yield {
            "selected": bool(self.used_parameters),
            "clear": changelist.get_query_string(remove=list(self.parameter_names)),
            "others": [
                (name, value)
                for name, values in others
                if name not in self.parameter_names
                for value in values
            ],
        }
