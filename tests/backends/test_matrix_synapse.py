"""Matrix, against Synapse: a server of others, read back with a client of others."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from djhipchat2.backends.base import Result
from djhipchat2.backends.matrix import HipChatBackend
from djhipchat2.message import Message
from djhipchat2.states import Outcome
from tests import matrix_server
from tests.backends.arriving import arrived
from tests.backends.sending import a_message
from tests.matrix_server import User

pytestmark = pytest.mark.synapse


def backend_of(user: User, **options: Any) -> HipChatBackend:
    options = {"homeserver": matrix_server.URL, "token": user.token, **options}
    return HipChatBackend(alias="matrix", **options)


def delivered(user: User, message: Message, **options: Any) -> Result:
    with closing(backend_of(user, **options)) as backend:
        return backend.deliver(message)


def test_html_arrives_as_html_and_as_text(bot: User, reader: User) -> None:
    room = reader.create_room(public=True)
    html = "<b>Deployed</b> &amp; <a href='https://example.com/'>done</a><ul><li>one<li>two</ul>"

    result = delivered(bot, a_message(room_id=room.alias, text=html, sender="Shop", color="red"))

    (event,) = arrived(reader, room)
    assert result.outcome is Outcome.ACCEPTED
    assert (type(event).__name__, event.sender) == ("RoomMessageNotice", bot.user_id)
    assert event.body == "🔴 Shop\nDeployed & done (https://example.com/)\n\n- one\n- two"
    assert event.formatted_body == (
        '<p><span data-mx-color="#d04437">🔴</span> <strong>Shop</strong><br>'
        '<strong>Deployed</strong> &amp; <a href="https://example.com/">done</a></p>'
        "<ul><li>one</li><li>two</li></ul>"
    )


def test_text_arrives_as_it_was_typed(bot: User, reader: User) -> None:
    room = reader.create_room(public=True)
    text = "*a* <b> & | 漢 👍🏽\n  two"

    message = a_message(room_id=room.alias, text=text, message_format="text", notify=True)
    delivered(bot, message)

    (event,) = arrived(reader, room)
    assert type(event).__name__ == "RoomMessageText"
    assert event.body == f"Django\n{text}"


def test_the_longest_message_is_taken(bot: User, reader: User) -> None:
    room = reader.create_room(public=True)
    for text in ("漢" * 10_000, '&"' * 5_000):
        message = a_message(room_id=room.alias, text=text, message_format="text")
        assert delivered(bot, message).outcome is Outcome.ACCEPTED

    assert arrived(reader, room, 2)


def test_a_key_that_synapse_has_seen_makes_no_second_event(bot: User, reader: User) -> None:
    room = reader.create_room(public=True)
    message = a_message(room_id=room.alias, text="once").with_key("djhipchat2-1")

    for _ in range(3):
        assert delivered(bot, message).outcome is Outcome.ACCEPTED
    assert delivered(bot, message.with_key("djhipchat2-2")).outcome is Outcome.ACCEPTED

    assert arrived(reader, room, 2)


def test_a_wrong_token_is_rejected_with_the_remedy(bot: User, reader: User) -> None:
    room = reader.create_room(public=True)

    result = delivered(bot, a_message(room_id=room.alias), token="syt_wrong")

    assert (result.outcome, result.http_status) == (Outcome.REJECTED, 401)
    assert result.error.endswith("copy a new access token into the option token")
    assert "syt_wrong" not in repr(result)


def test_a_room_that_is_not_there_is_rejected(bot: User) -> None:
    unknown = delivered(bot, a_message(room_id="#no-such-room:localhost"))
    elsewhere = delivered(bot, a_message(room_id="!no-such-room"))

    assert unknown.outcome is Outcome.REJECTED
    assert "M_NOT_FOUND" in unknown.error
    assert elsewhere.outcome is Outcome.REJECTED


def test_a_room_that_has_invited_the_bot_is_entered(bot: User, reader: User) -> None:
    room = reader.create_room()
    before = delivered(bot, a_message(room_id=room.room_id))
    reader.act(room, "invite", bot)

    after = delivered(bot, a_message(room_id=room.room_id))

    assert (before.outcome, after.outcome) == (Outcome.REJECTED, Outcome.ACCEPTED)
    assert "invite the bot to the room" in before.error
    assert arrived(reader, room)


def test_a_bot_that_is_put_out_comes_back_if_it_may(bot: User, reader: User) -> None:
    room = reader.create_room(public=True)
    with closing(backend_of(bot)) as backend:
        for action in ("kick", "ban"):
            assert backend.deliver(a_message(room_id=room.alias)).outcome is Outcome.ACCEPTED
            reader.act(room, action, bot)
        result = backend.deliver(a_message(room_id=room.alias))

    assert result.outcome is Outcome.REJECTED
    assert arrived(reader, room, 2)


def test_a_room_in_which_the_bot_may_not_speak_is_rejected(bot: User, reader: User) -> None:
    room = reader.create_room(public=True, power_level_content_override={"events_default": 50})

    result = delivered(bot, a_message(room_id=room.alias))

    assert result.outcome is Outcome.REJECTED
    assert "M_FORBIDDEN" in result.error


def test_an_encrypted_room_is_rejected_and_nothing_is_said_in_it(bot: User, reader: User) -> None:
    room = reader.create_room(public=True, encrypted=True)

    result = delivered(bot, a_message(room_id=room.alias))

    assert result.outcome is Outcome.REJECTED
    assert result.error.startswith("The room is end-to-end encrypted")
    assert reader.events(room) == []
