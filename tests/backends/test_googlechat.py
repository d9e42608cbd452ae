"""Google Chat: what is sent to its webhooks, threads, and what its answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SECRET, SERVICES, delivered, says
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

CHAT = SERVICES["googlechat"]
ADDRESS = f"/v1/spaces/AAAA/messages?key=k&token={SECRET}"


def refused(code: int, status: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "status": status, "message": message}}


ANSWERS = [
    Case("200 OK", {"name": "spaces/A/messages/B"}, "accepted", ""),
    Case(
        "400 Bad Request",
        refused(400, "INVALID_ARGUMENT", "Message cannot be empty."),
        "rejected",
        "INVALID_ARGUMENT: Message cannot be empty.",
    ),
    Case(
        "401 Unauthorized",
        refused(401, "UNAUTHENTICATED", "Bad."),
        "rejected",
        "UNAUTHENTICATED: Bad: copy the webhook's address again",
    ),
    Case(
        "403 Forbidden",
        refused(403, "PERMISSION_DENIED", "No."),
        "rejected",
        "PERMISSION_DENIED: No: copy the webhook's address again; an administrator may have "
        "switched off webhooks",
    ),
    Case(
        "404 Not Found",
        refused(404, "NOT_FOUND", "None."),
        "rejected",
        "NOT_FOUND: None: the webhook or its space was removed; make a new one",
    ),
    Case("503 Busy", refused(503, "UNAVAILABLE", "Later."), "unavailable", "UNAVAILABLE: Later."),
]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer(serve: Serve, case: Case) -> None:
    case.require(delivered(CHAT, serve(says(case.status, case.content))))


@pytest.mark.parametrize("own", [False, True], ids=["shared", "own"])
@pytest.mark.parametrize(("headers", "seconds"), [({}, 1), ({"Retry_After": "60"}, 60)])
def test_a_limit_is_the_space_s(
    serve: Serve, headers: dict[str, str], seconds: float, *, own: bool
) -> None:
    content = refused(429, "RESOURCE_EXHAUSTED", "Quota exceeded")
    server = serve(says("429 Too Many Requests", content, **headers))

    result = delivered(CHAT, server, rooms={"Ops": f"{server.url}/own"} if own else {})

    assert (str(result.outcome), result.rate_limited, result.retry_after, result.scope) == (
        "unavailable",
        True,
        seconds,
        Scope.ROOM if own else Scope.CONNECTION,
    )


@pytest.mark.parametrize(
    ("option", "key"), [(None, None), ("", None), ("room", "Ops"), ("sender", "Django")]
)
def test_messages_may_share_a_thread(serve: Serve, option: str | None, key: str | None) -> None:
    server = serve(CHAT.accepted)

    delivered(CHAT, server, thread=option)

    (request,) = server.requests
    reply = "&messageReplyOption=REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD"
    assert request.json.get("thread") == (None if key is None else {"threadKey": key})
    assert request.target == ADDRESS + ("" if key is None else reply)


def test_a_thread_is_one_of_two() -> None:
    (complaint,) = CHAT.backend("https://chat.example.com", thread="colour").check()

    assert (complaint.id, complaint.msg) == (
        "djhipchat2.E015",
        "The option thread of the connection 'ops' is 'colour'.",
    )


def test_a_message_that_is_sent_again_has_the_same_id(serve: Serve) -> None:
    server = serve(CHAT.accepted)

    delivered(CHAT, server, a_message(key="0190-key"))

    assert server.requests[0].target == f"{ADDRESS}&requestId=0190-key"


@pytest.mark.parametrize(
    ("values", "options", "text"),
    [
        ({}, {}, "*Django*\nhello"),
        ({"notify": True}, {}, "<users/all> *Django*\nhello"),
        ({"notify": True}, {"mention": ""}, "*Django*\nhello"),
        ({"notify": True, "text": "@all"}, {}, "*Django*\n<users/all>"),
    ],
)
def test_notify_mentions_everybody(
    serve: Serve, values: dict[str, Any], options: dict[str, Any], text: str
) -> None:
    server = serve(CHAT.accepted)

    delivered(CHAT, server, a_message(**values), **options)

    assert server.requests[0].json == {"text": text}
