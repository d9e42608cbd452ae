"""Rocket.Chat: what is sent to its webhooks, and what its answers mean."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SECRET, SERVICES, delivered, says
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

ROCKETCHAT = SERVICES["rocketchat"]
EPOCH = 1_795_608_000
OVERRIDING = "overriding destination channel is disabled for this integration"
LIMIT = "Error, too many requests. Please slow down. You must wait 42 seconds."

ANSWERS = [
    Case("200 OK", {"success": True}, "accepted", ""),
    Case(
        "400 Bad Request",
        {"success": False, "error": "invalid-channel"},
        "rejected",
        "invalid-channel: name a channel that exists, such as #ops, in the option rooms",
    ),
    Case(
        "400 Bad Request",
        {"success": False, "error": OVERRIDING},
        "rejected",
        f"{OVERRIDING}: allow it in the integration, or give each room its webhook in the option "
        "rooms",
    ),
    Case(
        "400 Bad Request",
        {"success": False, "error": "error-running-script"},
        "rejected",
        "error-running-script",
    ),
    Case(
        "401 Unauthorized",
        {"status": "error", "message": "You must be logged in to do this."},
        "rejected",
        "You must be logged in to do this: check the option url",
    ),
    Case(
        "503 Service Unavailable",
        {"success": False, "error": "Service Unavailable"},
        "unavailable",
        "Service Unavailable",
    ),
    Case(
        "200 OK",
        {"success": False, "error": "odd"},
        "unavailable",
        "not Rocket.Chat's answer; check the option url",
    ),
]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer(serve: Serve, case: Case) -> None:
    case.require(delivered(ROCKETCHAT, serve(says(case.status, case.content))))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Reset": (EPOCH + 42) * 1000}, 42),
        ({"X_RateLimit_Reset": EPOCH + 42}, 42),
        ({"X_RateLimit_Reset": (EPOCH - 42) * 1000}, 1),
        ({"Retry_After": "7"}, 7),
        ({}, None),
    ],
)
@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
def test_a_limit_is_the_webhook_s(
    serve: Serve, headers: dict[str, Any], seconds: float | None, *, own: bool
) -> None:
    server = serve(says("429 Slow", {"success": False, "error": LIMIT}, **headers))
    rooms = {"Ops": f"{server.url}/hooks/own"} if own else {}

    with time_machine.travel(EPOCH, tick=False):
        result = delivered(ROCKETCHAT, server, rooms=rooms)

    assert (result.rate_limited, result.retry_after) == (True, seconds)
    assert result.error == f"HTTP 429: {LIMIT}"
    assert result.scope is (Scope.ROOM if own else Scope.CONNECTION)


@pytest.mark.parametrize(
    ("room", "channel"),
    [
        ("ops", "#ops"),
        ("#ops", "#ops"),
        ("@ann", "@ann"),
        ("Ops Room", "#ops-room"),
        ("Own", None),
    ],
)
def test_the_room_is_the_channel(serve: Serve, room: str, channel: str | None) -> None:
    server = serve(ROCKETCHAT.accepted)
    rooms = {"Ops Room": "ops-room", "Own": f"{server.url}/hooks/own"}

    delivered(ROCKETCHAT, server, a_message(room_id=room), rooms=rooms)

    assert server.requests[0].json.get("channel") == channel
    assert server.requests[0].target == ("/hooks/own" if room == "Own" else f"/hooks/{SECRET}")


@pytest.mark.parametrize(("notify", "text"), [(False, None), (True, "@here")])
def test_notify_mentions_who_is_there(serve: Serve, text: str | None, *, notify: bool) -> None:
    server = serve(ROCKETCHAT.accepted)

    delivered(ROCKETCHAT, server, a_message(notify=notify))

    assert server.requests[0].json.get("text") == text
