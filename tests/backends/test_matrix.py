"""Matrix: rooms are found and entered, events sent once, and what a homeserver's errors mean."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any
from urllib.parse import unquote

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends import matrix_rooms
from djhipchat2.backends.base import Result
from djhipchat2.backends.loading import load_backend
from djhipchat2.backends.matrix import HTML_BYTES, TEXT_BYTES, HipChatBackend, content_of_event
from djhipchat2.markup.units import json_bytes
from djhipchat2.message import Message
from djhipchat2.states import Outcome, Scope
from tests.backends.answering import Case
from tests.backends.chat_receiver import says
from tests.backends.conftest import Serve
from tests.backends.raw_server import RawServer, drop, hang
from tests.backends.sending import a_message

TOKEN = "syt_b3Q_s3cretOfTheBot"
ALIAS, ROOM = "#ops:example.com", "!abc:example.com"
ENCRYPTED_ROOM_ERROR = "The room is end-to-end encrypted, and djhipchat2 does not encrypt."


def error(status: str, code: str, words: str, **more: Any) -> bytes:
    return says(status, {"errcode": code, "error": words, **more})


FOUND = says("200 OK", {"room_id": ROOM, "servers": ["example.com"]})
PLAIN = error("404 Not Found", "M_NOT_FOUND", "Event not found.")
SENT = says("200 OK", {"event_id": "$1"})
JOINED = says("200 OK", {"room_id": ROOM})
OUTSIDE = error("403 Forbidden", "M_FORBIDDEN", "User @bot:example.com not in room")


def backend_for(server: RawServer, **options: Any) -> HipChatBackend:
    options = {"homeserver": server.url, "token": TOKEN, **options}
    backend = load_backend("djhipchat2.backends.matrix.HipChatBackend", "ops", options)
    assert isinstance(backend, HipChatBackend)
    return backend


def to(room: str = ROOM, **changes: Any) -> Message:
    return a_message(room_id=room, key="djhipchat2-1", **changes)


def delivered(server: RawServer, message: Message | None = None, **options: Any) -> Result:
    with closing(backend_for(server, **options)) as backend:
        return backend.deliver(message or to())


def asked(server: RawServer) -> list[str]:
    """Return what a server was asked for, without the API's path."""
    lines = [unquote(request.line) for request in server.requests]
    return [line.replace("/_matrix/client/v3/", "").removesuffix(" HTTP/1.1") for line in lines]


SEND = f"PUT rooms/{ROOM}/send/m.room.message/djhipchat2-1"
LOOK = f"GET rooms/{ROOM}/state/m.room.encryption"


def test_a_message_to_a_room_id_is_an_event_with_the_rows_key(serve: Serve) -> None:
    server = serve(PLAIN, SENT)

    result = delivered(server)

    assert (result.outcome, result.error, result.http_status) == (Outcome.ACCEPTED, "", 200)
    assert asked(server) == [LOOK, SEND]
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {TOKEN}"}


def test_a_message_without_a_key_gets_one_of_its_own(serve: Serve) -> None:
    server = serve(PLAIN, SENT)
    backend = backend_for(server)

    backend.deliver(a_message(room_id=ROOM))
    backend.deliver(a_message(room_id=ROOM))
    backend.close()

    first, second = asked(server)[1:]
    assert first != second


def test_an_alias_is_resolved_and_looked_at_once(serve: Serve) -> None:
    server = serve(FOUND, PLAIN, SENT)
    backend = backend_for(server)

    for _ in range(3):
        assert backend.deliver(to(ALIAS)).outcome is Outcome.ACCEPTED
    backend.close()

    assert asked(server) == [f"GET directory/room/{ALIAS}", LOOK, SEND, SEND, SEND]


def test_a_room_is_looked_at_again_after_a_while(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matrix_rooms, "KNOWN_SECONDS", 0)
    server = serve(PLAIN, SENT, PLAIN, SENT)
    with closing(backend_for(server)) as backend:
        backend.deliver(to())
        backend.deliver(to())

    assert asked(server) == [LOOK, SEND, LOOK, SEND]


def test_rooms_says_what_matrix_calls_a_room(serve: Serve) -> None:
    server = serve(PLAIN, SENT)

    result = delivered(server, to("Ops"), rooms={"Ops": f" {ROOM} "})

    assert result.outcome is Outcome.ACCEPTED
    assert asked(server) == [LOOK, SEND]


@pytest.mark.parametrize("room", ["Ops", "#ops", "!", "@bot:example.com"])
def test_a_room_that_matrix_cannot_have_is_refused_with_the_remedy(serve: Serve, room: str) -> None:
    server = serve(SENT)

    result = delivered(server, to(room))

    assert result == Result(
        Outcome.REJECTED,
        error=f"The connection ops does not know the room {room!r}: add it to the option rooms, "
        "with an alias (#ops:example.com) or an id (!...).",
    )
    assert server.requests == []


def test_a_room_id_needs_no_server_in_it(serve: Serve) -> None:
    server = serve(PLAIN, SENT)

    result = delivered(server, to("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM"))

    assert result.outcome is Outcome.ACCEPTED


def test_an_encrypted_room_is_refused(serve: Serve) -> None:
    server = serve(says("200 OK", {"algorithm": "m.megolm.v1.aes-sha2"}))

    result = delivered(server)

    assert result.outcome is Outcome.REJECTED
    assert result.error.startswith(ENCRYPTED_ROOM_ERROR)
    assert asked(server) == [LOOK]


def test_an_event_that_switches_nothing_on_does_not_matter(serve: Serve) -> None:
    assert delivered(serve(says("200 OK", {}), SENT)).outcome is Outcome.ACCEPTED


def test_a_room_that_the_bot_is_not_in_is_entered_by_the_name_it_has(serve: Serve) -> None:
    server = serve(FOUND, OUTSIDE, JOINED, PLAIN, SENT)

    result = delivered(server, to(ALIAS))

    assert result.outcome is Outcome.ACCEPTED
    assert asked(server)[1:] == [LOOK, f"POST join/{ALIAS}", LOOK, SEND]


def test_a_room_that_the_bot_was_put_out_of_is_entered_again(serve: Serve) -> None:
    server = serve(PLAIN, SENT, OUTSIDE, JOINED, PLAIN, SENT)
    with closing(backend_for(server)) as backend:
        backend.deliver(to())
        result = backend.deliver(to())

    assert result.outcome is Outcome.ACCEPTED
    assert asked(server)[2:] == [SEND, f"POST join/{ROOM}", LOOK, SEND]


def test_a_room_that_the_bot_may_not_enter_refuses(serve: Serve) -> None:
    no = error("403 Forbidden", "M_FORBIDDEN", "You are not invited to this room.")
    server = serve(OUTSIDE, no)

    result = delivered(server)

    assert (result.outcome, result.error) == (
        Outcome.REJECTED,
        "HTTP 403: M_FORBIDDEN: You are not invited to this room: invite the bot to the room, and "
        "let it post there",
    )
    assert asked(server) == [LOOK, f"POST join/{ROOM}"]


def test_a_room_that_lets_the_bot_in_but_not_speak_refuses_after_one_more_try(
    serve: Serve,
) -> None:
    muted = error("403 Forbidden", "M_FORBIDDEN", "You don't have permission to post")
    server = serve(PLAIN, muted, JOINED, PLAIN, muted)

    result = delivered(server)

    assert result.outcome is Outcome.REJECTED
    assert "You don't have permission to post" in result.error
    assert asked(server) == [LOOK, SEND, f"POST join/{ROOM}", LOOK, SEND]


def test_a_room_that_never_shows_itself_is_tried_all_the_same(serve: Serve) -> None:
    server = serve(OUTSIDE, JOINED, OUTSIDE, SENT)

    assert delivered(server).outcome is Outcome.ACCEPTED
    assert asked(server) == [LOOK, f"POST join/{ROOM}", LOOK, SEND]


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
        "no Matrix homeserver answers here; check the option homeserver",
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


def test_an_event_says_the_same_in_html_and_in_text() -> None:
    content = content_of_event(
        to(text="<b>Deployed</b> & <i>done</i>", color="green", sender="Deploy")
    )

    assert content == {
        "msgtype": "m.notice",
        "body": "🟢 Deploy\nDeployed & done",
        "format": "org.matrix.custom.html",
        "formatted_body": '<span data-mx-color="#14892c">🟢</span> <strong>Deploy</strong><br>'
        "<strong>Deployed</strong> &amp; <em>done</em>",
        "m.mentions": {},
    }


def test_a_message_that_notifies_rings_and_names_everybody_only_if_it_says_so() -> None:
    loud = content_of_event(to(text="down", notify=True))
    everybody = content_of_event(to(text="@all down", notify=True))
    quiet = content_of_event(to(text="@all down"))

    assert (loud["msgtype"], loud["m.mentions"]) == ("m.text", {})
    assert (everybody["msgtype"], everybody["m.mentions"]) == ("m.text", {"room": True})
    assert (quiet["msgtype"], quiet["m.mentions"]) == ("m.notice", {})


@pytest.mark.parametrize("text", ["漢" * 10_000, "&" * 10_000, "👍\n" * 5_000, '"<' * 5_000])
def test_the_longest_message_fits_into_an_event(text: str) -> None:
    content = content_of_event(to(text=text, message_format="text"))

    assert json_bytes(content["body"]) <= TEXT_BYTES
    assert json_bytes(content["formatted_body"]) <= HTML_BYTES
    assert len(json.dumps(content, ensure_ascii=False).encode()) < 61_000


def test_a_card_is_shown_in_place_of_the_text() -> None:
    card = {"style": "link", "id": 1, "title": "Order 4711", "url": "https://shop.example.com/"}
    content = content_of_event(to(card=card))

    assert content["body"] == "Django\nOrder 4711 (https://shop.example.com/)"


def test_a_homeserver_is_an_address_with_or_without_the_apis_path(serve: Serve) -> None:
    server = serve(PLAIN, SENT)

    result = delivered(server, homeserver=f" {server.url}/_matrix/client/v3/ ")

    assert result.outcome is Outcome.ACCEPTED
    assert asked(server) == [LOOK, SEND]


WORKING = {"homeserver": "https://matrix.example.com", "token": TOKEN, "rooms": {"Ops": ALIAS}}


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, []),
        ({"homeserver": ""}, ["djhipchat2.E018"]),
        ({"token": " "}, ["djhipchat2.E018"]),
        ({"homeserver": "matrix.example.com"}, ["djhipchat2.E014"]),
        ({"homeserver": "http://matrix.example.com"}, ["djhipchat2.W001"]),
        ({"homeserver": "http://127.0.0.1:8008"}, []),
        ({"token": "two words"}, ["djhipchat2.E008"]),
        ({"rooms": {"Ops": "ops"}}, ["djhipchat2.E015"]),
    ],
    ids=str,
)
def test_checks_name_what_is_wrong_without_the_token(
    changes: dict[str, Any], ids: list[str]
) -> None:
    options = {**WORKING, **changes}
    backend = load_backend("djhipchat2.backends.matrix.HipChatBackend", "ops", options)

    found = backend.check()

    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)
    assert TOKEN not in str(found)


def test_nothing_is_sent_with_a_setting_missing(serve: Serve) -> None:
    server = serve(SENT)

    with pytest.raises(ImproperlyConfigured, match="has no token"):
        delivered(server, token="")
    assert server.requests == []


def test_its_limits_are_those_of_a_service(serve: Serve) -> None:
    backend = backend_for(serve(SENT))

    assert (backend.limits.api, backend.limits.sender_max) == ("Matrix", 64)
    assert backend.knows_repeats
