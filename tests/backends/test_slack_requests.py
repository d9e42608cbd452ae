"""Slack: what is sent to webhooks and to the Web API, and to which channel."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.chat_receiver import SECRET, SERVICES, delivered
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

WEBHOOK = SERVICES["slack webhook"]
API = SERVICES["slack api"]


def test_the_web_api_is_given_token_and_channel(serve: Serve) -> None:
    server = serve(API.accepted)

    delivered(API, server)

    (request,) = server.requests
    assert request.line == "POST /api/chat.postMessage HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert request.headers["content-type"] == "application/json"
    assert request.json["channel"] == "Ops"
    assert (request.json["unfurl_links"], request.json["unfurl_media"]) == (False, False)
    assert SECRET not in request.body.decode() + request.line


@pytest.mark.parametrize(
    ("room", "channel"),
    [
        ("Ops", "C0OPS"),
        ("OPS", "C0OPS"),
        ("4242", "#numbers"),
        ("Dev", "Dev"),
        ("#dev", "#dev"),
    ],
)
def test_rooms_say_which_channel_a_room_is(serve: Serve, room: str, channel: str) -> None:
    server = serve(API.accepted)

    delivered(API, server, a_message(room_id=room), rooms={"Ops": "C0OPS", 4242: " #numbers "})

    assert server.requests[0].json["channel"] == channel


def test_a_room_may_have_a_webhook_beside_a_token(serve: Serve) -> None:
    server = serve(WEBHOOK.accepted)

    result = delivered(API, server, rooms={"Ops": f"{server.url}/services/own"})

    (request,) = server.requests
    assert (str(result.outcome), request.target) == ("accepted", "/services/own")
    assert "channel" not in request.json
    assert "authorization" not in request.headers


def test_a_webhook_decides_on_the_channel(serve: Serve) -> None:
    server = serve(WEBHOOK.accepted)

    delivered(WEBHOOK, server)

    (request,) = server.requests
    assert request.target == f"/services/T0123/B0123/{SECRET}"
    assert "channel" not in request.json


@pytest.mark.parametrize("service", [WEBHOOK, API], ids=["webhook", "api"])
@pytest.mark.parametrize(
    ("notify", "options", "text"),
    [
        (False, {}, None),
        (True, {}, "<!here>"),
        (True, {"mention": "<!channel>"}, "<!channel>"),
        (True, {"mention": ""}, None),
    ],
)
def test_notify_mentions_who_is_there(
    serve: Serve, service: Any, options: dict[str, Any], text: str | None, *, notify: bool
) -> None:
    server = serve(service.accepted)

    delivered(service, server, a_message(notify=notify), **options)

    assert server.requests[0].json.get("text") == text


def test_by_default_the_api_is_slack_s_own() -> None:
    backend = API.backend("http://x", api_url=None)

    assert backend.api_url == "https://slack.com/api"  # type: ignore[attr-defined]
    assert backend.check() == []


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (
            {"token": "xoxb 1"},
            "The token of the connection 'ops' cannot be one: it has blanks, or characters beyond "
            "ASCII.",
        ),
        (
            {"rooms": {"Ops": "hooks://x"}},
            "The webhook in rooms of the connection 'ops' is not an http(s) address.",
        ),
    ],
)
def test_a_wrong_option_is_told(options: dict[str, Any], problem: str) -> None:
    (complaint,) = API.backend("https://slack.example.com", **options).check()

    assert complaint.msg == problem


def test_without_a_token_rooms_lead_to_webhooks() -> None:
    (complaint,) = WEBHOOK.backend("https://x", rooms={"Ops": "C0OPS"}).check()

    assert (complaint.id, complaint.msg) == (
        "djhipchat2.E014",
        "The webhook of the room 'Ops' of the connection 'ops' is not an http(s) address.",
    )
