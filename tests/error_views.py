"""Views of a site with a connection ``canary`` that fail, and the reports that Django makes."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.debug import get_default_exception_reporter_filter

from djhipchat2.connections import connections
from tests.backends.sending import a_message

FILTER = "djhipchat2.error_reports.ErrorReportFilter"


def deliver(request: HttpRequest) -> HttpResponse:
    """A view that delivers without the outbox, and is shown whatever is raised on the way."""
    return HttpResponse(connections["canary"].deliver(a_message()).outcome)


def plain(request: HttpRequest) -> HttpResponse:
    """A view with the secrets in its own variables, in several shapes."""
    options = settings.HIPCHAT_CONNECTIONS["canary"]["OPTIONS"]
    text = json.dumps(options)
    body = (" " * 300 + text).encode()  # shown in pieces of some bytes a line
    backend = connections["canary"]
    message = f"the disk of {backend.path} is full"
    del request
    raise OSError(message, len(text) + len(body))


urlpatterns = [path("deliver/", deliver), path("plain/", plain)]


def use_filter(settings: Any, dotted_path: str = FILTER) -> None:
    """Set the filter; Django loads it once in a process."""
    settings.DEFAULT_EXCEPTION_REPORTER_FILTER = dotted_path
    get_default_exception_reporter_filter.cache_clear()
