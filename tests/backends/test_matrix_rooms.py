"""Matrix: how rooms are found and entered, and which of them refuse a message."""

from __future__ import annotations

from contextlib import closing

import pytest

from djhipchat2.backends import matrix_rooms
from djhipchat2.backends.base import Result
from djhipchat2.states import Outcome
from tests.backends.chat_receiver import says
from tests.backends.conftest import Serve
from tests.backends.homeserver import (
    ALIAS,
    LOOK,
    PLAIN,
    ROOM,
    SEND,
    SENT,
    asked,
    backend_for,
    delivered,
    error,
    to,
)

FOUND = says("200 OK", {"room_id": ROOM, "servers": ["example.com"]})
JOINED = says("200 OK", {"room_id": ROOM})
OUTSIDE = error("403 Forbidden", "M_FORBIDDEN", "User @bot:example.com not in room")

ENCRYPTED_ROOM_ERROR = "The room is end-to-end encrypted, and djhipchat2 does not encrypt."


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
