"""Workers that are killed, stopped and crowded, against a chat that counts what it received."""

from __future__ import annotations

import random
import signal
from collections import Counter
from typing import Any

import pytest

from djhipchat2.api import send_messages
from djhipchat2.delivery.pace import WINDOW_LARGEST
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Status
from tests.hipchat_server import HipChatServer
from tests.processes import start_watch
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = ("Ops", "Dev", "4242")
LEASE = {"HIPCHAT_TEST_LEASE_SECONDS": "1", "HIPCHAT_TEST_BACKOFF_BASE": "0"}


@pytest.fixture
def outbox(hipchat_server: HipChatServer, settings: Any) -> HipChatServer:
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    return hipchat_server


def queue(number: int) -> None:
    send_messages(
        [{"room_id": ROOMS[n % len(ROOMS)], "message": f"{n:05}"} for n in range(number)],
        defer=True,
    )


def arrived(server: HipChatServer) -> int:
    return int(server.counts()["accepted"])


def all_sent() -> bool:
    return not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def first_arrivals(server: HipChatServer, room: str) -> list[str]:
    return list(dict.fromkeys(m["message"] for m in server.messages(room)))


def test_killed_workers_lose_nothing_and_repeat_hardly_anything(outbox: HipChatServer) -> None:
    chance = random.Random(20_26)
    kills = 3
    queue(120)

    for _ in range(kills):
        before = arrived(outbox)
        worker = start_watch(outbox.url, **LEASE)
        wait_until(lambda before=before: arrived(outbox) > before + chance.randrange(10))
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
    last = start_watch(outbox.url, **LEASE)
    wait_until(all_sent, seconds=60)
    last.terminate()
    last.communicate()

    received = Counter(m["message"] for m in outbox.messages())
    repeats = sum(received.values()) - len(received)
    assert sorted(received) == [f"{n:05}" for n in range(120)]
    assert repeats <= kills * WINDOW_LARGEST
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_stopped_worker_repeats_nothing_and_gives_its_room_back(outbox: HipChatServer) -> None:
    queue(90)

    for number in (signal.SIGTERM, signal.SIGINT):
        before = arrived(outbox)
        worker = start_watch(outbox.url)
        wait_until(lambda before=before: arrived(outbox) > before + 10)
        worker.send_signal(number)
        worker.communicate()
        assert worker.returncode == 0
        assert not Room.objects.exclude(lease_token="").exists()
        assert not OutboundMessage.objects.filter(status=Status.SENDING).exists()
    last = start_watch(outbox.url)
    wait_until(all_sent, seconds=60)
    last.terminate()
    last.communicate()

    received = [m["message"] for m in outbox.messages()]
    assert len(received) == len(set(received)) == 90


def test_many_workers_send_each_message_once_and_keep_each_rooms_order(
    outbox: HipChatServer,
) -> None:
    queue(90)

    workers = [start_watch(outbox.url) for _ in range(3)]
    wait_until(all_sent, seconds=60)
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.communicate()

    assert [worker.returncode for worker in workers] == [0, 0, 0]
    received = [m["message"] for m in outbox.messages()]
    assert len(received) == len(set(received)) == 90
    for room in ROOMS:
        assert first_arrivals(outbox, room) == sorted(first_arrivals(outbox, room))


def test_an_answer_that_is_lost_after_the_server_accepted_is_unknown_and_repeated(
    outbox: HipChatServer,
) -> None:
    outbox.fault("drop_after", times=1)
    queue(1)

    worker = start_watch(outbox.url, **LEASE)
    wait_until(all_sent)
    worker.terminate()
    worker.communicate()

    row = OutboundMessage.objects.get()
    assert [a.outcome for a in row.delivery_attempts.all()] == ["unknown", "accepted"]
    assert arrived(outbox) == 2
