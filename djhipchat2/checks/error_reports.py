"""The system check of who may read the site's error reports; for ``check --deploy`` alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Warning
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from ..conf import exception_reporter_filter
from ..configured_secrets import has_secret_options, has_secret_proxies
from ..connections import connections
from ..error_reports import ErrorReportFilter

PATH = f"{ErrorReportFilter.__module__}.{ErrorReportFilter.__qualname__}"


def check_error_reports(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return a warning if Django's error reports would show a connection's secrets."""
    if _is_filtered():
        return []
    carriers = [alias for alias in connections.aliases() if _has_secrets(alias)]
    if not carriers:
        return []
    named = ", ".join(map(repr, carriers))
    return [
        Warning(
            f"Django's debug page and error mails would show secrets of the connections {named}.",
            hint=f"Set DEFAULT_EXCEPTION_REPORTER_FILTER = {PATH!r}.",
            id="djhipchat2.W007",
        )
    ]


def _is_filtered() -> bool:
    try:
        found = import_string(exception_reporter_filter())
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, ErrorReportFilter)


def _has_secrets(alias: str) -> bool:
    try:
        return has_secret_options(connections[alias]) or has_secret_proxies()
    except ImproperlyConfigured:
        return False  # told by check_settings
