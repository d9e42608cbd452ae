"""Mattermost: what is sent to its webhooks, and what its answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SECRET, SERVICES, delivered, says
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

MATTERMOST = SERVICES["mattermost"]


def error(word: str, message: str, status: int, **more: str) -> dict[str, Any]:
    """Return an error as ``model.AppError`` writes it."""
    name = f"web.incoming_webhook.{word}.app_error"
    return {"id": name, "message": message, "status_code": status, "request_id": "r", **more}


ANSWERS = [
    Case("200 OK", "ok", "accepted", ""),
    Case(
        "404 Not Found",
        error("channel", "Couldn't find the channel.", 404),
        "rejected",
        "Couldn't find the channel: name the channel as its address does (town-square) in the "
        "option rooms",
    ),
    Case(
        "403 Forbidden",
        error("channel_locked", "This webhook is not permitted to post to the channel.", 403),
        "rejected",
        "This webhook is not permitted to post to the channel: the webhook posts to its own "
        "channel alone; give each room its webhook in the option rooms",
    ),
    Case(
        "400 Bad Request",
        error("invalid", "Invalid webhook.", 400),
        "rejected",
        "Invalid webhook: copy the webhook's address again",
    ),
    Case(
        "400 Bad Request",
        error("text", "No text specified.", 400),
        "rejected",
        "No text specified.",
    ),
    Case(
        "501 Not Implemented",
        error("disabled", "Incoming webhooks have been disabled.", 501),
        "unavailable",
        "Incoming webhooks have been disabled.",
    ),
    Case("400 Bad Request", {"id": "x"}, "rejected", "Bad Request"),
]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer(serve: Serve, case: Case) -> None:
    case.require(delivered(MATTERMOST, serve(says(case.status, case.content))))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Reset": "3", "X_RateLimit_Remaining": "0"}, 3),
        ({"X_RateLimit_Reset": "3", "Retry_After": "5"}, 5),
        ({"X_RateLimit_Reset": "0"}, 1),
        ({"X_RateLimit_Reset": "soon"}, None),
        ({}, None),
    ],
)
def test_a_limit_counts_for_all_rooms(
    serve: Serve, headers: dict[str, str], seconds: float | None
) -> None:
    server = serve(says("429 Too Many Requests", "limit exceeded", **headers))

    result = delivered(MATTERMOST, server, rooms={"Ops": f"{server.url}/hooks/own"})

    assert (result.rate_limited, result.retry_after, result.scope) == (
        True,
        seconds,
        Scope.CONNECTION,
    )


@pytest.mark.parametrize(
    ("room", "channel"),
    [("ops", "ops"), ("#ops", "ops"), ("@ann", "@ann"), ("Ops Room", "ops-room"), ("Own", None)],
)
def test_the_room_is_the_channel(serve: Serve, room: str, channel: str | None) -> None:
    server = serve(MATTERMOST.accepted)
    rooms = {"Ops Room": "#ops-room", "Own": f"{server.url}/hooks/own"}

    delivered(MATTERMOST, server, a_message(room_id=room), rooms=rooms)

    assert server.requests[0].json.get("channel") == channel
    assert server.requests[0].target == ("/hooks/own" if room == "Own" else f"/hooks/{SECRET}")


@pytest.mark.parametrize(
    ("values", "options", "text"),
    [
        ({}, {}, None),
        ({"notify": True}, {}, "@here"),
        ({"notify": True, "text": "come, @all"}, {}, "@all"),
        ({"notify": True}, {"mention": "@channel"}, "@channel"),
        ({"notify": True}, {"mention": ""}, None),
        ({"text": "come, @all"}, {}, None),
    ],
)
def test_notify_mentions_who_is_there(
    serve: Serve, values: dict[str, Any], options: dict[str, Any], text: str | None
) -> None:
    server = serve(MATTERMOST.accepted)

    delivered(MATTERMOST, server, a_message(**values), **options)

    assert server.requests[0].json.get("text") == text
