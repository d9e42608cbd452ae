"""The check of who keeps secrets out of error reports."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import CheckMessage, Warning, run_checks
from django.core.checks.registry import registry

from djhipchat2.error_reports import ErrorReportFilter
from tests.error_views import FILTER

WEBHOOK = "https://chat.example.com/hooks/s3cretPart0fTheAddress"
MATTERMOST = {
    "BACKEND": "djhipchat2.backends.mattermost.HipChatBackend",
    "OPTIONS": {"url": WEBHOOK},
}


class Stricter(ErrorReportFilter):
    """A project's own filter that stands on ours."""


NOT_A_CLASS = 7

# Django asks every database what it supports.
pytestmark = pytest.mark.django_db(databases="__all__")


def found() -> list[CheckMessage]:
    messages = run_checks(include_deployment_checks=True)
    return [message for message in messages if str(message.id).startswith("djhipchat2.")]


@pytest.fixture(autouse=True)
def _webhook(settings: Any) -> None:
    """A site with a webhook among its options."""
    settings.HIPCHAT_CONNECTIONS = {"ops": MATTERMOST}


@pytest.mark.parametrize(
    "path",
    ["django.views.debug.SafeExceptionReporterFilter", "no_such.Filter", f"{__name__}.NOT_A_CLASS"],
)
def test_w007_error_reports_would_show_a_secret(settings: Any, path: str) -> None:
    settings.DEFAULT_EXCEPTION_REPORTER_FILTER = path

    assert found() == [
        Warning(
            "Django's debug page and error mails would show secrets of the connections 'ops'.",
            hint=f"Set DEFAULT_EXCEPTION_REPORTER_FILTER = '{FILTER}'.",
            id="djhipchat2.W007",
        )
    ]


def test_w007_a_proxy_with_a_password_counts_for_every_connection(settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {}
    settings.HIPCHAT_PROXIES = {"https": "http://ann:s3cret@proxy:3128"}

    assert [message.id for message in found()] == ["djhipchat2.W007"]


def test_silence_with_our_filter_or_one_that_stands_on_it(settings: Any) -> None:
    for filter_class in (ErrorReportFilter, Stricter):
        path = f"{filter_class.__module__}.{filter_class.__qualname__}"
        settings.DEFAULT_EXCEPTION_REPORTER_FILTER = path

        assert found() == []


def test_silence_where_no_connection_has_a_secret_of_its_own(settings: Any) -> None:
    settings.HIPCHAT_API_TOKEN = "s3cretToken"
    settings.HIPCHAT_CONNECTIONS = {
        "memory": {"BACKEND": "djhipchat2.backends.locmem.HipChatBackend"}
    }

    assert found() == []


def test_a_connection_that_is_wrong_is_told_once(settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"ops": {**MATTERMOST, "BACKEND": "no_such.HipChatBackend"}}

    assert [message.id for message in found()] == ["djhipchat2.E006"]


def test_it_is_left_to_the_checks_before_a_deployment() -> None:
    names = {check.__name__ for check in registry.get_checks()}

    assert "check_settings" in names
    assert "check_error_reports" not in names
