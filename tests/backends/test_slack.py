"""Slack: what the words of its webhooks and of the Web API mean."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.states import Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import SERVICES, delivered, says
from tests.backends.conftest import Serve

WEBHOOK = SERVICES["slack webhook"]
API = SERVICES["slack api"]


def refused(word: str) -> dict[str, Any]:
    return {"ok": False, "error": word}


#: docs.slack.dev/reference/methods/chat.postMessage "Errors"; all come with HTTP 200 but a 429.
API_ANSWERS = [
    Case("200 OK", {"ok": True, "channel": "C1", "ts": "1.2"}, "accepted", ""),
    Case(
        "200 OK",
        refused("channel_not_found"),
        "rejected",
        "channel_not_found: name the channel's id, and invite the app if the channel is private",
    ),
    Case(
        "200 OK",
        refused("not_in_channel"),
        "rejected",
        "not_in_channel: type /invite @app in the channel",
    ),
    Case(
        "200 OK",
        refused("invalid_auth"),
        "rejected",
        "invalid_auth: copy the app's token again",
    ),
    Case(
        "200 OK",
        refused("token_revoked"),
        "rejected",
        "token_revoked: install the app again and copy its new token",
    ),
    Case(
        "200 OK",
        refused("is_archived"),
        "rejected",
        "is_archived: unarchive the channel, or name another in the option rooms",
    ),
    Case(
        "200 OK",
        refused("missing_scope"),
        "rejected",
        "missing_scope: give the app the scope chat:write and install it again",
    ),
    Case("200 OK", refused("msg_too_long"), "rejected", "msg_too_long"),
    Case("200 OK", refused("no_text"), "rejected", "no_text"),
    Case("200 OK", refused("too_many_attachments"), "rejected", "too_many_attachments"),
    Case("200 OK", refused("fatal_error"), "unknown", "fatal_error"),
    Case("200 OK", refused("internal_error"), "unknown", "internal_error"),
    Case("200 OK", refused("team_added_to_org"), "unavailable", "team_added_to_org"),
    Case("200 OK", refused("request_timeout"), "unavailable", "request_timeout"),
    Case("200 OK", refused("service_unavailable"), "unavailable", "service_unavailable"),
    Case("200 OK", refused("rate_limited"), "unavailable", "rate_limited", rate_limited=True),
    Case(
        "429 Too Many Requests",
        refused("ratelimited"),
        "unavailable",
        "ratelimited",
        rate_limited=True,
    ),
]
#: docs.slack.dev/messaging/sending-messages-using-incoming-webhooks "Handling errors".
WEBHOOK_ANSWERS = [
    Case("200 OK", "ok", "accepted", ""),
    Case("400 Bad Request", "invalid_payload", "rejected", "invalid_payload"),
    Case("400 Bad Request", "too_many_attachments", "rejected", "too_many_attachments"),
    Case("400 Bad Request", "no_text", "rejected", "no_text"),
    Case(
        "400 Bad Request",
        "user_not_found",
        "rejected",
        "user_not_found: make a webhook for a channel that exists",
    ),
    Case(
        "403 Forbidden",
        "action_prohibited",
        "rejected",
        "action_prohibited: an administrator forbids it",
    ),
    Case(
        "403 Forbidden",
        "posting_to_general_channel_denied",
        "rejected",
        "posting_to_general_channel_denied: an administrator forbids it",
    ),
    Case(
        "403 Forbidden",
        "invalid_token",
        "rejected",
        "invalid_token: copy the webhook's address again",
    ),
    Case(
        "404 Not Found",
        "channel_not_found",
        "rejected",
        "channel_not_found: name the channel's id, and invite the app if the channel is private",
    ),
    Case(
        "404 Not Found",
        "no_service",
        "rejected",
        "no_service: the webhook was removed; make a new one",
    ),
    Case("404 Not Found", "no_team", "rejected", "no_team: copy the webhook's address again"),
    Case(
        "410 Gone",
        "channel_is_archived",
        "rejected",
        "channel_is_archived: unarchive the channel, or make a webhook for another",
    ),
    Case("500 Internal Server Error", "rollup_error", "unavailable", "rollup_error"),
    Case("400 Bad Request", "It is 12 o'clock.", "rejected", "Bad Request"),
]


@pytest.mark.parametrize("case", API_ANSWERS, ids=str)
def test_the_web_api_s_words(serve: Serve, case: Case) -> None:
    case.require(delivered(API, serve(says(case.status, case.content))))


@pytest.mark.parametrize("case", WEBHOOK_ANSWERS, ids=str)
def test_a_webhook_s_words(serve: Serve, case: Case) -> None:
    case.require(delivered(WEBHOOK, serve(says(case.status, case.content))))


@pytest.mark.parametrize("status", ["200 OK", "429 Too Many Requests"])
@pytest.mark.parametrize("word", ["rate_limited", "ratelimited", "message_limit_exceeded"])
def test_a_limit_of_the_web_api_holds_the_channel(serve: Serve, status: str, word: str) -> None:
    result = delivered(API, serve(says(status, refused(word), Retry_After="30")))

    assert (str(result.outcome), result.rate_limited, result.retry_after, result.scope) == (
        "unavailable",
        True,
        30,
        Scope.ROOM,
    )


@pytest.mark.parametrize(
    ("options", "scope"),
    [({}, Scope.CONNECTION), ({"rooms": {"Ops": "{url}/own"}}, Scope.ROOM)],
    ids=["shared", "own"],
)
def test_a_limit_of_a_webhook_holds_the_rooms_that_share_it(
    serve: Serve, options: dict[str, Any], scope: Scope
) -> None:
    server = serve(says("429 Too Many Requests", "rate_limited", Retry_After="1"))
    options = {name: {"Ops": f"{server.url}/own"} for name in options}

    result = delivered(WEBHOOK, server, **options)

    assert (result.rate_limited, result.retry_after, result.scope) == (True, 1, scope)
