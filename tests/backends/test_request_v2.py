"""HipChat's API v2, as hypchat and hipchat-notifier speak it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from djhipchat2.backends.request import HipChatBackend
from djhipchat2.message import V2
from tests.backends.conftest import Serve
from tests.backends.raw_server import http
from tests.backends.sending import TOKEN, a_message, backend_for
from tests.hipchat_server import HipChatServer

NO_CONTENT = http("204 No Content")


def test_the_setting_chooses_v2(settings: Any, hipchat_server: HipChatServer) -> None:
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    settings.HIPCHAT_API_VERSION = 2
    backend = HipChatBackend(alias="default")

    result = backend.deliver(a_message(room_id="Ops Room", notify=True, color="random"))

    assert (backend.api_version, backend.limits) == (2, V2)
    assert (str(result.outcome), result.error, result.http_status, result.answer) == (
        "accepted",
        "",
        204,
        "",
    )
    (message,) = hipchat_server.messages("Ops Room")
    assert (message["message"], message["notify"], message["color_asked"]) == (
        "hello",
        True,
        "random",
    )
    assert message["api_version"] == 2


def test_the_option_chooses_v2_for_one_connection(serve: Serve) -> None:
    server = serve(NO_CONTENT)

    backend_for(server.url, api_version=2).deliver(a_message())

    assert server.requests[0].line == "POST /v2/room/Ops/notification HTTP/1.1"


def test_the_request_is_json_with_the_token_in_a_header(serve: Serve) -> None:
    server = serve(NO_CONTENT)
    backend = backend_for(server.url, api_version=2)

    backend.deliver(
        a_message(
            room_id=4242,
            text="d\xe9ploy \N{ROCKET}\nline two",
            sender="Zenoss (Crit)",
            message_format="text",
            notify=True,
            color="green",
            limits=V2,
        )
    )

    (request,) = server.requests
    assert request.line == "POST /v2/room/4242/notification HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(request.body) == {
        "from": "Zenoss (Crit)",
        "message": "d\xe9ploy \N{ROCKET}\nline two",
        "message_format": "text",
        "notify": True,
        "color": "green",
    }


def test_a_card_goes_along(serve: Serve) -> None:
    server = serve(NO_CONTENT)
    card = {"style": "link", "id": "7", "title": "Build 7", "url": "https://ci.example/7"}

    backend_for(server.url, api_version=2).deliver(a_message(card=card))

    assert json.loads(server.requests[0].body)["card"] == card


@pytest.mark.parametrize(
    ("room", "path"),
    [
        ("Ops Room", "Ops%20Room"),
        ("Ops/Deploy", "Ops%2FDeploy"),
        ("#ops", "%23ops"),
        ("100%?", "100%25%3F"),
        ("Café", "Caf%C3%A9"),
        ("a~b_c-d.e", "a~b_c-d.e"),
        ("...", "..."),
    ],
)
def test_a_room_s_name_stays_one_part_of_the_path(serve: Serve, room: str, path: str) -> None:
    server = serve(NO_CONTENT)

    backend_for(f"{server.url}/chat/v2", api_version=2).deliver(a_message(room_id=room))

    assert server.requests[0].line == f"POST /chat/v2/room/{path}/notification HTTP/1.1"


def test_rooms_share_a_connection(serve: Serve) -> None:
    server = serve(NO_CONTENT)
    backend = backend_for(server.url, api_version=2)

    for room in ("Ops", "Dev", "Ops"):
        backend.deliver(a_message(room_id=room))

    assert (len(server.requests), server.connections) == (3, 1)
    backend.close()


def test_a_redirect_is_not_followed_and_the_token_stays(serve: Serve) -> None:
    thief = serve(NO_CONTENT)
    server = serve(http("307 Temporary Redirect", Location=thief.url))

    result = backend_for(server.url, api_version=2).deliver(a_message())

    assert str(result.outcome) == "rejected"
    assert thief.connections == 0
