"""Matrix, against Synapse: a server of others, read back with a client of others."""

from __future__ import annotations

import json
import random
import signal
from collections import Counter
from contextlib import closing
from typing import Any

import pytest

import djhipchat2
from djhipchat2.api import send_messages
from djhipchat2.backends.base import Result
from djhipchat2.backends.matrix import HipChatBackend
from djhipchat2.message import Message
from djhipchat2.models import DeliveryAttempt, OutboundMessage
from djhipchat2.models import Room as OutboxRoom
from djhipchat2.operations import resend
from djhipchat2.states import HoldReason, Outcome, Status
from tests import matrix_server
from tests.backends.sending import a_message
from tests.matrix_proxy import Proxy
from tests.matrix_server import Room, User
from tests.processes import start_watch
from tests.waiting import wait_until

pytestmark = pytest.mark.synapse

LEASE = {"HIPCHAT_TEST_LEASE_SECONDS": "1", "HIPCHAT_TEST_BACKOFF_BASE": "0"}


@pytest.fixture
def bot() -> User:
    return matrix_server.register("bot")


@pytest.fixture(scope="module")
def reader() -> User:
    return matrix_server.register("reader")


def backend_of(user: User, **options: Any) -> HipChatBackend:
    options = {"homeserver": matrix_server.URL, "token": user.token, **options}
    return HipChatBackend(alias="matrix", **options)


def delivered(user: User, message: Message, **options: Any) -> Result:
    with closing(backend_of(user, **options)) as backend:
        return backend.deliver(message)


@pytest.fixture
def outbox(bot: User, settings: Any) -> dict[str, str]:
    """The connection ``matrix``; what a process with the same needs in its environment."""
    options = {"homeserver": matrix_server.URL, "token": bot.token}
    path = "djhipchat2.backends.matrix.HipChatBackend"
    settings.HIPCHAT_CONNECTIONS = {"matrix": {"BACKEND": path, "OPTIONS": options}}
    return {"HIPCHAT_TEST_CONNECTIONS": json.dumps(settings.HIPCHAT_CONNECTIONS), **LEASE}


def arrived(reader: User, room: Room, count: int = 1) -> list[Any]:
    """Return a room's messages once there are so many; Synapse shows the newest a little later."""
    wait_until(lambda: len(reader.events(room)) >= count)
    events: list[Any] = reader.events(room)
    assert len(events) == count
    return events


def all_sent() -> bool:
    return not OutboundMessage.objects.exclude(status=Status.SENT).exists()


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


@pytest.mark.django_db(transaction=True)
def test_synapses_own_limit_holds_the_connection_and_all_arrive_in_order(
    bot: User, reader: User, outbox: dict[str, str]
) -> None:
    room = reader.create_room(public=True)
    bot.act(room, "join")
    matrix_server.limit(bot, per_second=2, at_once=2)
    texts = [f"message {number}" for number in range(6)]
    send_messages(
        [{"room_id": room.alias, "message": text, "using": "matrix"} for text in texts],
        defer=True,
        sender="Shop",
    )

    worker = start_watch(matrix_server.URL, **outbox)
    wait_until(
        lambda: OutboxRoom.objects.filter(hold_reason=HoldReason.RATE_LIMITED, room_id="").exists()
    )
    wait_until(all_sent, seconds=60)
    worker.terminate()
    worker.communicate()

    limited = DeliveryAttempt.objects.filter(http_status=429)
    assert limited.exists()
    assert not limited.filter(counted=True).exists()
    assert set(OutboundMessage.objects.values_list("attempts", flat=True)) == {1}
    bodies = [event.body for event in arrived(reader, room, len(texts))]
    assert bodies == [f"Shop\n{text}" for text in texts]


@pytest.mark.django_db(transaction=True)
def test_killed_workers_repeat_nothing(bot: User, reader: User, outbox: dict[str, str]) -> None:
    rooms = [reader.create_room(public=True) for _ in range(2)]
    chance = random.Random(20_26)
    count = 60
    texts = [f"{number:05}" for number in range(count)]
    send_messages(
        [
            {"room_id": rooms[number % 2].alias, "message": text, "using": "matrix"}
            for number, text in enumerate(texts)
        ],
        defer=True,
    )

    for _ in range(3):
        sent = OutboundMessage.objects.filter(status=Status.SENT).count
        enough = sent() + chance.randrange(10)
        worker = start_watch(matrix_server.URL, **outbox)
        wait_until(lambda sent=sent, enough=enough: sent() >= enough)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    last = start_watch(matrix_server.URL, **outbox)
    wait_until(all_sent, seconds=60)
    last.terminate()
    last.communicate()

    events = [event for room in rooms for event in arrived(reader, room, count // len(rooms))]
    assert Counter(event.body for event in events) == Counter(f"Django\n{text}" for text in texts)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_it_hears_that_synapse_took_a_message_makes_no_duplicate(
    bot: User, reader: User, outbox: dict[str, str]
) -> None:
    room = reader.create_room(public=True)
    row = djhipchat2.send_message(room.alias, "once", using="matrix", defer=True)
    with Proxy() as proxy:
        through = outbox["HIPCHAT_TEST_CONNECTIONS"].replace(matrix_server.URL, proxy.url)
        worker = start_watch(proxy.url, **{**outbox, "HIPCHAT_TEST_CONNECTIONS": through})
        assert proxy.kept.wait(30)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    arrived(reader, room)

    last = start_watch(matrix_server.URL, **outbox)
    wait_until(all_sent, seconds=60)
    last.terminate()
    last.communicate()

    outcomes = DeliveryAttempt.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert arrived(reader, room)
    row.refresh_from_db()
    assert row.status == Status.SENT


@pytest.mark.django_db(transaction=True)
def test_a_message_that_a_person_resends_arrives_again(
    bot: User, reader: User, outbox: dict[str, str]
) -> None:
    room = reader.create_room(public=True)
    row = djhipchat2.send_message(room.alias, "again", using="matrix")
    row.refresh_from_db()
    assert row.status == Status.SENT

    again = resend(row)

    assert again.pk != row.pk
    assert arrived(reader, room, 2)
