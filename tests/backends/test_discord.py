"""Discord: what is sent to its webhooks, and what its answers and its limits mean."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SECRET, SERVICES, delivered, says
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

DISCORD = SERVICES["discord"]
STORED = {"id": "1100", "channel_id": "1200"}
#: "Error Messages" of docs.discord.com/developers/reference.
FORM_ERROR = {
    "code": 50035,
    "message": "Invalid Form Body",
    "errors": {
        "embeds": {
            "0": {"description": {"_errors": [{"code": "BASE_TYPE_MAX_LENGTH", "message": "Long"}]}}
        },
        "username": {"_errors": [{"code": "USERNAME_INVALID", "message": "No"}, "odd"]},
    },
}

ANSWERS = [
    Case("200 OK", STORED, "accepted", ""),
    Case("204 No Content", "", "accepted", ""),
    Case(
        "404 Not Found",
        {"message": "Unknown Webhook", "code": 10015},
        "rejected",
        "Unknown Webhook: the webhook was removed; make a new one",
    ),
    Case(
        "401 Unauthorized",
        {"message": "Invalid Webhook Token", "code": 50027},
        "rejected",
        "Invalid Webhook Token: copy the webhook's address again",
    ),
    Case(
        "400 Bad Request",
        {"message": "Webhooks posted to forum channels must have a thread", "code": 220001},
        "rejected",
        "Webhooks posted to forum channels must have a thread: a forum needs ?thread_id=… at the "
        "end of the webhook's address",
    ),
    Case(
        "400 Bad Request",
        FORM_ERROR,
        "rejected",
        "Invalid Form Body: embeds.0.description Long; username No",
    ),
    Case(
        "400 Bad Request",
        {"message": "Cannot send an empty message", "code": 50006},
        "rejected",
        "Cannot send an empty message",
    ),
    Case(
        "500 Oops",
        {"message": "500: Internal Server Error", "code": 0},
        "unavailable",
        "500: Internal Server Error",
    ),
]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer(serve: Serve, case: Case) -> None:
    case.require(delivered(DISCORD, serve(says(case.status, case.content))))


#: "Exceeding A Rate Limit" of docs.discord.com/developers/topics/rate-limits.
LIMITED = {"message": "You are being rate limited.", "retry_after": 64.57, "global": False}


@pytest.mark.parametrize(
    ("content", "headers", "seconds", "of_all"),
    [
        (LIMITED, {"Retry_After": "65", "X_RateLimit_Scope": "user"}, 64.57, False),
        (LIMITED, {"Retry_After": "65", "X_RateLimit_Scope": "shared"}, 64.57, False),
        ({**LIMITED, "global": True}, {"X_RateLimit_Global": "true"}, 64.57, True),
        (LIMITED, {"X_RateLimit_Scope": "global"}, 64.57, True),
        ({**LIMITED, "retry_after": 0.25}, {}, 1, False),
        ({**LIMITED, "retry_after": 1e9}, {}, 86_400, False),
        ({**LIMITED, "retry_after": "soon"}, {"Retry_After": "65"}, 65, False),
        ("error code: 1015", {"Retry_After": "30"}, 30, True),
    ],
)
@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
def test_a_limit_is_the_webhook_s_or_everybody_s(
    serve: Serve, content: Any, headers: dict[str, str], seconds: float, *, of_all: bool, own: bool
) -> None:
    server = serve(says("429 Too Many Requests", content, **headers))
    rooms = {"Ops": f"{server.url}/own"} if own else {}

    result = delivered(DISCORD, server, rooms=rooms)

    assert (str(result.outcome), result.rate_limited, result.retry_after) == (
        "unavailable",
        True,
        seconds,
    )
    assert result.scope is (Scope.ROOM if own and not of_all else Scope.CONNECTION)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset_After": "1.75"}, 1.75),
        ({"X_RateLimit_Remaining": "1", "X_RateLimit_Reset_After": "1.75"}, None),
        ({"X_RateLimit_Remaining": "0"}, None),
        ({"X_RateLimit_Remaining": "0", "X_RateLimit_Reset_After": "x"}, None),
        ({}, None),
    ],
)
def test_a_limit_that_is_used_up_is_obeyed_before_it_is_hit(
    serve: Serve, headers: dict[str, str], seconds: float | None
) -> None:
    result = delivered(DISCORD, serve(says("200 OK", STORED, **headers)))

    assert (str(result.outcome), result.retry_after, result.rate_limited) == (
        "accepted",
        seconds,
        False,
    )
    assert result.scope is (Scope.ROOM if seconds is None else Scope.CONNECTION)


@pytest.mark.parametrize(
    ("tail", "target"),
    [("", "?wait=true"), ("?thread_id=77", "?thread_id=77&wait=true"), ("?wait=0", "?wait=true")],
)
def test_discord_confirms_that_the_message_is_stored(serve: Serve, tail: str, target: str) -> None:
    server = serve(DISCORD.accepted)

    delivered(DISCORD, server, url=f"{server.url}/api/webhooks/12/{SECRET}{tail}")

    assert server.requests[0].target == f"/api/webhooks/12/{SECRET}{target}"


@pytest.mark.parametrize(
    ("sender", "shown"),
    [
        ("Shop", {"username": "Shop"}),
        ("Clyde", {"author": {"name": "Clyde"}}),
        ("my discord", {"author": {"name": "my discord"}}),
        ("a@b", {"author": {"name": "a@b"}}),
        ("  ", {}),
        ("", {}),
    ],
)
def test_a_sender_is_the_username_where_discord_allows(
    serve: Serve, sender: str, shown: dict[str, Any]
) -> None:
    server = serve(DISCORD.accepted)
    message = a_message(sender=sender, limits=DISCORD.backend("http://x").limits)

    delivered(DISCORD, server, message)

    body = server.requests[0].json
    names = {**body, **body["embeds"][0]}
    assert {key: names[key] for key in ("username", "author") if key in names} == shown


@pytest.mark.parametrize(
    ("values", "options", "shown"),
    [
        ({}, {}, {"allowed_mentions": {"parse": []}, "flags": 4096}),
        ({"text": "@all <@12>"}, {}, {"allowed_mentions": {"parse": []}, "flags": 4096}),
        (
            {"notify": True},
            {},
            {
                "allowed_mentions": {"parse": ["everyone", "roles", "users"]},
                "content": "@here",
            },
        ),
        (
            {"notify": True},
            {"mention": "<@&12>"},
            {
                "allowed_mentions": {"parse": ["everyone", "roles", "users"]},
                "content": "<@&12>",
            },
        ),
        ({"notify": True}, {"mention": ""}, {"allowed_mentions": {"parse": []}}),
    ],
)
def test_nobody_is_rung_unless_the_message_is_to_notify(
    serve: Serve, values: dict[str, Any], options: dict[str, Any], shown: dict[str, Any]
) -> None:
    server = serve(DISCORD.accepted)

    delivered(DISCORD, server, a_message(**values), **options)

    body = server.requests[0].json
    assert {key: body[key] for key in body if key not in ("embeds", "username")} == shown
