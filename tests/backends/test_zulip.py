"""Zulip: channels and topics, and what its answers mean."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
import time_machine

from djhipchat2.backends.base import Allowance
from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SECRET, SERVICES, delivered, says
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

ZULIP = SERVICES["zulip"]
EPOCH = 1_795_608_000
LOGIN = b64encode(f"ops-bot@example.com:{SECRET}".encode()).decode()


def refused(code: str, words: str, **more: Any) -> dict[str, Any]:
    return {"result": "error", "code": code, "msg": words, **more}


ANSWERS = [
    Case("200 OK", {"result": "success", "msg": "", "id": 42}, "accepted", ""),
    Case(
        "400 Bad Request",
        refused("STREAM_DOES_NOT_EXIST", "Channel 'x' does not exist", stream="x"),
        "rejected",
        "STREAM_DOES_NOT_EXIST: Channel 'x' does not exist: name a channel that exists in the "
        "option rooms",
    ),
    Case(
        "400 Bad Request",
        refused("BAD_REQUEST", "Not authorized to send to channel 'x'"),
        "rejected",
        "BAD_REQUEST: Not authorized to send to channel 'x'",
    ),
    Case(
        "401 Unauthorized",
        refused("INVALID_API_KEY", "Invalid API key"),
        "rejected",
        "INVALID_API_KEY: Invalid API key: copy the bot's API key again",
    ),
    Case(
        "401 Unauthorized",
        refused("UNAUTHORIZED", "Account not found"),
        "rejected",
        "UNAUTHORIZED: Account not found: copy the bot's e-mail address and API key again",
    ),
    Case(
        "429 Too Many Requests",
        refused("RATE_LIMIT_HIT", "API usage exceeded rate limit", **{"retry-after": 28.71}),
        "unavailable",
        "RATE_LIMIT_HIT: API usage exceeded rate limit",
        retry_after=28.71,
        rate_limited=True,
        scope=Scope.CONNECTION,
    ),
    Case(
        "200 OK",
        refused("RATE_LIMIT_HIT", "slow", **{"retry-after": 0.01}),
        "unavailable",
        "RATE_LIMIT_HIT: slow",
        retry_after=1,
        rate_limited=True,
        scope=Scope.CONNECTION,
    ),
    Case("200 OK", refused("BAD_REQUEST", "No"), "rejected", "BAD_REQUEST: No"),
    Case("502 Bad Gateway", refused("", "Upgrading"), "unavailable", "Upgrading"),
]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer(serve: Serve, case: Case) -> None:
    case.require(delivered(ZULIP, serve(says(case.status, case.content))))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Remaining": 0, "X_RateLimit_Reset": EPOCH + 30}, 30),
        ({"X_RateLimit_Remaining": 0, "X_RateLimit_Reset": EPOCH - 30}, 1),
        ({"X_RateLimit_Remaining": 199, "X_RateLimit_Reset": EPOCH + 30}, None),
        ({"X_RateLimit_Remaining": 0}, None),
        ({}, None),
    ],
)
def test_a_limit_that_is_used_up_is_obeyed_before_it_is_hit(
    serve: Serve, headers: dict[str, Any], seconds: float | None
) -> None:
    server = serve(says("200 OK", {"result": "success"}, **headers))

    with time_machine.travel(EPOCH, tick=False):
        result = delivered(ZULIP, server)

    assert (str(result.outcome), result.retry_after) == ("accepted", seconds)
    assert result.scope is (Scope.ROOM if seconds is None else Scope.CONNECTION)


def test_what_is_left_of_a_limit_is_told(serve: Serve) -> None:
    headers = {
        "X_RateLimit_Limit": 200,
        "X_RateLimit_Remaining": 150,
        "X_RateLimit_Reset": EPOCH + 30,
    }
    server = serve(says("200 OK", {"result": "success"}, **headers))

    with time_machine.travel(EPOCH, tick=False):
        result = delivered(ZULIP, server)

    assert result.allowance == Allowance(200, 150, 30)


@pytest.mark.parametrize(
    ("room", "options", "channel", "topic"),
    [
        ("ops", {}, "ops", "Django"),
        ("ops>deploys", {}, "ops", "deploys"),
        (" ops > deploys > today ", {}, "ops", "deploys > today"),
        ("ops>", {}, "ops", "Django"),
        ("ops", {"topic": "alerts"}, "ops", "alerts"),
        ("ops>deploys", {"topic": "alerts"}, "ops", "deploys"),
        ("Ops Room", {"rooms": {"Ops Room": "ops>hipchat"}}, "ops", "hipchat"),
        ("ops", {"topic": "t" * 70}, "ops", "t" * 60),
    ],
)
def test_a_room_is_a_channel_and_a_topic(
    serve: Serve, room: str, options: dict[str, Any], channel: str, topic: str
) -> None:
    server = serve(ZULIP.accepted)

    delivered(ZULIP, server, a_message(room_id=room), **options)

    form = server.requests[0].form
    assert (form["type"], form["to"], form["topic"]) == ("stream", channel, topic)


@pytest.mark.parametrize("tail", ["", "/", "/api", "/api/v1", "/api/v1/messages"])
def test_the_bot_logs_in(serve: Serve, tail: str) -> None:
    server = serve(ZULIP.accepted)

    delivered(ZULIP, server, api_url=server.url + tail)

    (request,) = server.requests
    assert request.target == "/api/v1/messages"
    assert request.headers["authorization"] == f"Basic {LOGIN}"
    assert SECRET not in request.body.decode()


def test_the_login_that_a_proxy_repeats_is_cut_out(serve: Serve) -> None:
    result = delivered(ZULIP, serve(says("400 Bad", refused("X", f"Authorization: Basic {LOGIN}"))))

    assert result.error == "HTTP 400: X: Authorization: Basic ***"


@pytest.mark.parametrize(
    ("values", "options", "content"),
    [
        ({}, {}, "**Django**\nhello"),
        ({"notify": True}, {}, "**Django**\nhello"),
        ({"notify": True}, {"mention": "@**topic**"}, "@**topic** **Django**\nhello"),
        ({"notify": True, "text": "@all"}, {"mention": "x"}, "**Django**\n@**all**"),
    ],
)
def test_nobody_is_mentioned_who_is_not_named(
    serve: Serve, values: dict[str, Any], options: dict[str, Any], content: str
) -> None:
    server = serve(ZULIP.accepted)

    delivered(ZULIP, server, a_message(**values), **options)

    assert server.requests[0].form["content"] == content


@pytest.mark.parametrize("option", ["email", "api_key"])
def test_what_is_missing_is_named(option: str) -> None:
    (complaint,) = ZULIP.backend("https://zulip.example.com", **{option: " "}).check()

    assert complaint.msg == f"The connection 'ops' has no {option}."
