from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.views.debug import SafeExceptionReporterFilter, get_default_exception_reporter_filter

from djhipchat2.admin import chart
from djhipchat2.error_reports import ErrorReportFilter, with_safe_reports
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, ROOMS, button_of, page_of
from tests.backends.raw_server import RawServer, http
from tests.error_views import use_filter

TOKEN = "s3cret-t0ken-of-the-site"
OTHER = "s3cret-t0ken-of-the-other"
SECRET_PART = "s3cret-w3bhook"
WEBHOOK = f"https://hooks.example.com/services/{SECRET_PART}"
PASSPHRASE = "s3cret-of-a-setting-of-theirs"


@pytest.fixture
def with_tokens(settings: Any) -> None:
    """A site with a token in a flat setting and one in a connection's options."""
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    settings.HIPCHAT_API_TOKEN = TOKEN
    settings.HIPCHAT_CONNECTIONS = {
        "other": {
            "BACKEND": "djhipchat2.backends.request.HipChatBackend",
            "OPTIONS": {"token": OTHER},
        }
    }


def assert_silent(response: Any) -> None:
    page = response.content.decode()
    assert TOKEN not in page
    assert OTHER not in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("with_tokens")
def test_no_page_shows_a_token_that_the_chat_repeats(
    admin_client: Client, make_row: MakeRow, settings: Any
) -> None:
    row = make_row("failed", message_format="text")
    answer = http("401 Unauthorized", f"no such token: {TOKEN}".encode())

    with RawServer(answer) as server:
        settings.HIPCHAT_API_URL = server.url
        response = admin_client.post(button_of(row, "resend"), follow=True)

    copy = OutboundMessage.objects.get(resend_of=row)
    assert copy.delivery_attempts.get().answer == "no such token: ***"
    assert_silent(response)
    room = Room.objects.get(room_id="Ops")
    for address in (
        MESSAGES,
        page_of(copy),
        f"{page_of(copy)[:-7]}history/",
        f"{MESSAGES}compose/",
        ROOMS,
        f"{ROOMS}{room.pk}/change/",
        f"{ROOMS}{room.pk}/transcript/",
    ):
        assert_silent(admin_client.get(address))


@pytest.mark.usefixtures("with_tokens")
@pytest.mark.parametrize("connection", ["default", "other"])
def test_the_debug_page_shows_no_token(
    admin_client: Client,
    make_row: MakeRow,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    connection: str,
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        message = "the disk is full"
        raise OSError(message)

    settings.DEBUG = True
    admin_client.raise_request_exception = False
    row = make_row("failed", connection=connection)
    monkeypatch.setattr(chart, "draw", broken)
    monkeypatch.setattr(OutboundMessage, "save", broken)

    for response in (admin_client.get(MESSAGES), admin_client.post(button_of(row, "resend"))):
        assert response.status_code == 500
        assert "the disk is full" in response.content.decode()
        assert "HIPCHAT_CONNECTIONS" in response.content.decode()
        assert_silent(response)


class TheirFilter(SafeExceptionReporterFilter):
    """A project's filter, which knows of a setting that Django does not hide."""

    def cleanse_setting(self, key: str | int, value: Any) -> Any:
        return "theirs" if key == "PHRASE" else super().cleanse_setting(key, value)


class OurFilterOfTheirs(ErrorReportFilter):
    """A project's filter that inherits from ours."""


@pytest.fixture
def in_debug_mode(settings: Any) -> Iterator[Any]:
    """A site with a webhook, whose reports of errors no filter of ours reads."""
    settings.DEBUG = True
    settings.PHRASE = PASSPHRASE
    settings.HIPCHAT_CONNECTIONS = {
        "hook": {"BACKEND": "djhipchat2.backends.slack.HipChatBackend", "OPTIONS": {"url": WEBHOOK}}
    }
    use_filter(settings, "django.views.debug.SafeExceptionReporterFilter")
    yield settings
    get_default_exception_reporter_filter.cache_clear()


def broken(*args: Any, **kwargs: Any) -> None:
    """Fail, with a webhook among the variables."""
    options = dict(site_settings.HIPCHAT_CONNECTIONS["hook"]["OPTIONS"])
    message = "the disk is full"
    raise OSError(message, len(options))


def report(client: Client, address: str, **data: Any) -> str:
    client.raise_request_exception = False
    response = client.post(address, data) if data else client.get(address)
    assert response.status_code == 500
    page = response.content.decode()
    assert "the disk is full" in page
    assert "HIPCHAT_CONNECTIONS" in page
    return page


@pytest.mark.usefixtures("in_debug_mode")
@pytest.mark.parametrize(
    ("breaks", "address"),
    [
        ("djhipchat2.admin.chart.draw", MESSAGES),
        ("djhipchat2.models.OutboundMessage.__str__", "{page}"),
        ("djhipchat2.admin.compose.ComposeForm.__init__", f"{MESSAGES}compose/"),
        ("djhipchat2.models.Room.__str__", f"{ROOMS}{{room}}/change/"),
        ("djhipchat2.admin.rooms.RoomAdmin.get_object", f"{ROOMS}{{room}}/transcript/"),
    ],
)
def test_the_debug_page_shows_no_webhook_without_any_filter_set(
    admin_client: Client,
    make_row: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
    breaks: str,
    address: str,
) -> None:
    row = make_row("failed")
    room, _ = Room.objects.get_or_create(connection="default", room_id="Ops")
    monkeypatch.setattr(breaks, broken)

    page = report(admin_client, address.format(page=page_of(row), room=room.pk))

    assert SECRET_PART not in page


@pytest.mark.usefixtures("in_debug_mode")
def test_nor_does_that_of_an_action(
    admin_client: Client, make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_row("failed")
    monkeypatch.setattr(OutboundMessage, "save", broken)

    assert SECRET_PART not in report(admin_client, button_of(row, "resend"), rows=str(row.pk))


def test_what_a_projects_own_filter_hides_stays_hidden(
    admin_client: Client, in_debug_mode: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_filter(in_debug_mode, f"{__name__}.TheirFilter")
    monkeypatch.setattr(chart, "draw", broken)

    page = report(admin_client, MESSAGES)

    assert PASSPHRASE not in page
    assert SECRET_PART not in page


def test_a_filter_that_inherits_from_ours_is_used_as_it_is(in_debug_mode: Any) -> None:
    use_filter(in_debug_mode, f"{__name__}.OurFilterOfTheirs")
    request = RequestFactory().get("/")

    with_safe_reports(lambda request: HttpResponse())(request)

    assert type(request.exception_reporter_filter) is OurFilterOfTheirs
