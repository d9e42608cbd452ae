"""Telegram: what a bot sends, and what its answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SECRET, SERVICES, delivered, says
from tests.backends.conftest import Serve
from tests.backends.sending import a_message

TELEGRAM = SERVICES["telegram"]


def refused(code: int, description: str, **parameters: Any) -> dict[str, Any]:
    return {
        "ok": False,
        "error_code": code,
        "description": description,
        **({"parameters": parameters} if parameters else {}),
    }


ANSWERS = [
    Case("200 OK", {"ok": True, "result": {"message_id": 1}}, "accepted", ""),
    Case(
        "400 Bad Request",
        refused(400, "Bad Request: chat not found"),
        "rejected",
        "Bad Request: chat not found: write to the bot or add it to the chat, and name the chat's "
        "id (-100…) or @name in the option rooms",
    ),
    Case(
        "403 Forbidden",
        refused(403, "Forbidden: bot was blocked by the user"),
        "rejected",
        "Forbidden: bot was blocked by the user: the user must unblock the bot",
    ),
    Case(
        "403 Forbidden",
        refused(403, "Forbidden: bot was kicked from the supergroup chat"),
        "rejected",
        "Forbidden: bot was kicked from the supergroup chat: add the bot to the chat again",
    ),
    Case(
        "401 Unauthorized",
        refused(401, "Unauthorized"),
        "rejected",
        "Unauthorized: copy the bot's token again",
    ),
    Case(
        "404 Not Found",
        refused(404, "Not Found"),
        "rejected",
        "Not Found: copy the bot's token again",
    ),
    Case(
        "400 Bad Request",
        refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=-1001234,
        ),
        "rejected",
        "Bad Request: group chat was upgraded to a supergroup chat: the chat's id is now -1001234; "
        "name it in the option rooms",
    ),
    Case(
        "400 Bad Request",
        refused(400, "Bad Request: can't parse entities"),
        "rejected",
        "Bad Request: can't parse entities",
    ),
    Case(
        "429 Too Many Requests",
        refused(429, "Too Many Requests: retry after 35", retry_after=35),
        "unavailable",
        "Too Many Requests: retry after 35",
        retry_after=35,
        rate_limited=True,
        scope=Scope.ROOM,
    ),
    Case("500 Oops", refused(500, "Internal Server Error"), "unavailable", "Internal Server Error"),
]


@pytest.mark.parametrize("case", ANSWERS, ids=str)
def test_an_answer(serve: Serve, case: Case) -> None:
    case.require(delivered(TELEGRAM, serve(says(case.status, case.content))))


@pytest.mark.parametrize("parameters", [None, [], {}, {"retry_after": "soon"}], ids=str)
def test_parameters_may_be_missing(serve: Serve, parameters: Any) -> None:
    content = {**refused(429, "Slow"), "parameters": parameters}

    result = delivered(TELEGRAM, serve(says("429 Slow", content, Retry_After="7")))

    assert (result.rate_limited, result.retry_after) == (True, 7)


@pytest.mark.parametrize(
    ("room", "chat", "topic"),
    [
        ("Ops", "-1001234", None),
        ("Deploys", "-1001234", 42),
        ("@channel", "@channel", None),
        ("4242", "4242", None),
        ("-100/x", "-100", None),
    ],
)
def test_the_room_is_the_chat(serve: Serve, room: str, chat: str, topic: int | None) -> None:
    server = serve(TELEGRAM.accepted)
    rooms = {"Ops": "-1001234", "Deploys": "-1001234/42"}

    delivered(TELEGRAM, server, a_message(room_id=room), rooms=rooms)

    body = server.requests[0].json
    assert (body["chat_id"], body.get("message_thread_id")) == (chat, topic)


def test_the_token_stands_in_the_path_and_nowhere_else(serve: Serve) -> None:
    server = serve(TELEGRAM.accepted)

    delivered(TELEGRAM, server)

    (request,) = server.requests
    assert request.target == f"/bot123:{SECRET}/sendMessage"
    assert SECRET not in str(request.headers) + request.body.decode()


@pytest.mark.parametrize("notify", [False, True])
def test_only_notify_makes_a_sound(serve: Serve, *, notify: bool) -> None:
    server = serve(TELEGRAM.accepted)

    delivered(TELEGRAM, server, a_message(notify=notify, text="a &lt; <b>b</b>"))

    body = server.requests[0].json
    assert body["disable_notification"] is not notify
    assert (body["parse_mode"], body["link_preview_options"]) == ("HTML", {"is_disabled": True})
    assert body["text"] == "<b>Django</b>\na &lt; <b>b</b>"


def test_by_default_the_api_is_telegram_s_own() -> None:
    backend = TELEGRAM.backend("http://x", api_url=None)

    assert backend.api_url == "https://api.telegram.org"  # type: ignore[attr-defined]
    assert backend.check() == []
