from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from djhipchat2.admin import chart
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, ROOMS, button_of, page_of
from tests.backends.raw_server import RawServer, http

TOKEN = "s3cret-t0ken-of-the-site"
OTHER = "s3cret-t0ken-of-the-other"


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
