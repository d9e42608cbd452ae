"""Matrix, against Synapse, by way of the outbox: all arrive once, whatever happens to workers."""

from __future__ import annotations

import json
import random
import signal
from collections import Counter
from typing import Any

import pytest

import djhipchat2
from djhipchat2.api import send_messages
from djhipchat2.models import DeliveryAttempt, OutboundMessage
from djhipchat2.models import Room as OutboxRoom
from djhipchat2.operations import resend
from djhipchat2.states import HoldReason, Outcome, Status
from tests import matrix_server
from tests.backends.arriving import arrived
from tests.matrix_proxy import Proxy
from tests.matrix_server import User
from tests.processes import start_watch
from tests.waiting import wait_until

pytestmark = pytest.mark.synapse

LEASE = {"HIPCHAT_TEST_LEASE_SECONDS": "1", "HIPCHAT_TEST_BACKOFF_BASE": "0"}


@pytest.fixture
def outbox(bot: User, settings: Any) -> dict[str, str]:
    """The connection ``matrix``; what a process with the same needs in its environment."""
    options = {"homeserver": matrix_server.URL, "token": bot.token}
    path = "djhipchat2.backends.matrix.HipChatBackend"
    settings.HIPCHAT_CONNECTIONS = {"matrix": {"BACKEND": path, "OPTIONS": options}}
    return {"HIPCHAT_TEST_CONNECTIONS": json.dumps(settings.HIPCHAT_CONNECTIONS), **LEASE}


def all_sent() -> bool:
    return not OutboundMessage.objects.exclude(status=Status.SENT).exists()


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
