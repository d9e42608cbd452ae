"""Matrix: what a homeserver's answers mean, and what it means if there is none."""

from __future__ import annotations

from contextlib import closing

import pytest

from djhipchat2.states import Outcome, Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import says
from tests.backends.conftest import Serve
from tests.backends.homeserver import (
    ALIAS,
    LOOK,
    PLAIN,
    ROOM,
    SENT,
    TOKEN,
    asked,
    backend_for,
    delivered,
    error,
    to,
)
from tests.backends.raw_server import drop, hang

LIMITED = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 2500}
LONG_LIMIT = {**LIMITED, "retry_after_ms": 10**12}
ERRORS = [
    Case("200 OK", {"event_id": "$1"}, "accepted", ""),
    Case(
        "429 Too Many Requests",
        LIMITED,
        "unavailable",
        "M_LIMIT_EXCEEDED: Too Many Requests",
        retry_after=2.5,
        rate_limited=True,
        scope=Scope.CONNECTION,
    ),
    Case(
        "429 Too Many Requests",
        LONG_LIMIT,
        "unavailable",
        "M_LIMIT_EXCEEDED: Too Many Requests",
        retry_after=86_400,
        rate_limited=True,
        scope=Scope.CONNECTION,
    ),
    Case(
        "429 Too Many Requests",
        {"errcode": "M_LIMIT_EXCEEDED"},
        "unavailable",
        "M_LIMIT_EXCEEDED",
        rate_limited=True,
        scope=Scope.CONNECTION,
    ),
    Case(
        "401 Unauthorized",
        {"errcode": "M_UNKNOWN_TOKEN", "error": "Invalid access token passed."},
        "rejected",
        "M_UNKNOWN_TOKEN: Invalid access token passed: copy a new access token into the option "
        "token",
    ),
    Case(
        "403 Forbidden",
        {"errcode": "M_RESOURCE_LIMIT_EXCEEDED", "error": "This homeserver is full"},
        "unavailable",
        "M_RESOURCE_LIMIT_EXCEEDED: This homeserver is full",
    ),
    Case(
        "413 Payload Too Large",
        {"errcode": "M_TOO_LARGE", "error": "event too large"},
        "rejected",
        "M_TOO_LARGE: event too large",
    ),
    Case(
        "404 Not Found",
        "<html>no such page</html>",
        "rejected",
        "no Matrix homeserver answers here: check the option homeserver",
    ),
    Case("400 Bad Request", {"errcode": "M_BAD_JSON"}, "rejected", "M_BAD_JSON"),
    Case("500 Internal Server Error", {}, "unavailable", "Internal Server Error"),
    Case("502 Bad Gateway", "<html>", "unavailable", "Bad Gateway"),
    Case(
        "200 OK",
        "<html>Log in</html>",
        "unavailable",
        "not Matrix's answer but a web page; check the option homeserver",
    ),
    Case(
        "200 OK",
        {"room_id": ROOM},
        "unavailable",
        "not Matrix's answer; check the option homeserver",
    ),
    Case(
        "302 Found",
        "",
        "rejected",
        "a redirect to another path, which is not followed; correct the option homeserver",
    ),
]


@pytest.mark.parametrize("case", ERRORS, ids=str)
def test_an_answer_to_an_event(serve: Serve, case: Case) -> None:
    case.require(delivered(serve(PLAIN, says(case.status, case.content))))


@pytest.mark.parametrize("case", ERRORS[1:], ids=str)
def test_the_same_answer_to_what_is_asked_before(serve: Serve, case: Case) -> None:
    server = serve(says(case.status, case.content), SENT)
    if case.content == {"room_id": ROOM}:
        server = serve(says(case.status, {"room_id": 7}), SENT)

    case.require(delivered(server, to(ALIAS)))
    assert len(server.requests) == 1


def test_an_alias_that_nobody_knows_is_refused(serve: Serve) -> None:
    unknown = error("404 Not Found", "M_NOT_FOUND", "Room alias #ops:example.com not found")

    result = delivered(serve(unknown), to(ALIAS))

    assert (result.outcome, result.error) == (
        Outcome.REJECTED,
        "HTTP 404: M_NOT_FOUND: Room alias #ops:example.com not found: name a room that exists, or "
        "make its alias known to the homeserver",
    )


def test_a_homeserver_that_does_not_say_whether_a_room_is_encrypted_is_asked_later(
    serve: Serve,
) -> None:
    server = serve(says("503 Service Unavailable", "", Retry_After="7"), SENT)

    result = delivered(server)

    assert (result.outcome, result.retry_after, result.scope) == (
        Outcome.UNAVAILABLE,
        7,
        Scope.CONNECTION,
    )
    assert asked(server) == [LOOK]


def test_an_event_without_an_answer_leaves_the_outcome_unknown(serve: Serve) -> None:
    result = delivered(serve(PLAIN, drop))

    assert (result.outcome, result.http_status, result.scope) == (
        Outcome.UNKNOWN,
        None,
        Scope.CONNECTION,
    )
    assert TOKEN not in repr(result)


def test_a_question_without_an_answer_has_sent_nothing(serve: Serve) -> None:
    result = delivered(serve(drop), to(ALIAS))

    assert (result.outcome, result.scope) == (Outcome.UNAVAILABLE, Scope.CONNECTION)


def test_the_timeout_is_for_all_requests_of_a_message(serve: Serve) -> None:
    server = serve(PLAIN, hang)
    with closing(backend_for(server)) as backend:
        result = backend.deliver(to(), timeout=0.3)

    assert result.outcome is Outcome.UNKNOWN
    assert result.error.startswith("127.0.0.1 did not answer within 0.")


def test_what_a_homeserver_repeats_of_the_token_is_hidden(serve: Serve) -> None:
    result = delivered(serve(error("401 Unauthorized", "M_UNKNOWN_TOKEN", f"Bad {TOKEN}")))

    assert result.error.startswith("HTTP 401: M_UNKNOWN_TOKEN: Bad ***: ")
    assert TOKEN not in repr(result)
