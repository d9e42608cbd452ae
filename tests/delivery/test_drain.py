from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection as database

from djhipchat2.backends.base import Result
from djhipchat2.delivery import drain, engine, pace
from djhipchat2.delivery.composing import compose
from djhipchat2.delivery.crew import Crew
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.delivery.window import Window
from djhipchat2.message import Message
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.delivery.paces import FastPace, SlowPace
from tests.scripted import ACCEPTED, PATH, UNAVAILABLE, HipChatBackend, Script

pytestmark = pytest.mark.django_db


class AskingBackend(HipChatBackend):
    """A project's own backend that asks the database, from whatever thread it is called."""

    connections: list[Any] = []

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        with database.cursor() as cursor:
            cursor.execute("SELECT 1")
        self.connections.append(database.connection)
        return ACCEPTED


@pytest.fixture
def many_rooms(queued: Any) -> None:
    for number in range(60):
        queued(f"{number:03}", f"room {number % 12}")


def flush(**options: Any) -> Summary:
    return engine.flush(Run(Trigger.FLUSH, **options))


def test_no_more_is_in_hand_than_one_statement_can_name(
    many_rooms: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hand: list[int] = []

    def composed(*args: Any, **options: Any) -> list[Window]:
        windows = compose(*args, **options)
        in_hand.append(options["in_hand"].total() + sum(window.size for window in windows))
        return windows

    settings.HIPCHAT_THREADS = 8
    monkeypatch.setattr(drain, "MOST_IN_HAND", 4)
    monkeypatch.setattr(drain, "compose", composed)
    monkeypatch.setattr(pace, "Pace", FastPace)

    assert flush() == Summary(sent=60)
    assert max(in_hand) == 4


def of_room(chat: Script, number: int) -> list[str]:
    return [text for text in chat.texts if int(text) % 12 == number]


def test_many_threads_deliver_each_message_once_and_in_its_rooms_order(
    chat: Script, many_rooms: None, settings: Any
) -> None:
    settings.HIPCHAT_THREADS = 8

    assert flush() == Summary(sent=60)

    assert len(set(chat.texts)) == len(chat.texts) == 60
    for number in range(12):
        assert of_room(chat, number) == sorted(of_room(chat, number))
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_chat_that_hangs_does_not_keep_the_other_rooms_waiting(
    chat: Script, many_rooms: None, settings: Any
) -> None:
    settings.HIPCHAT_THREADS = 8
    others_are_sent = threading.Event()

    def hang(message: Message) -> None:
        if message.room == "room 0":
            assert others_are_sent.wait(20)
        elif len(chat.delivered) >= 50:
            others_are_sent.set()

    chat.before = hang

    assert flush() == Summary(sent=60)


def test_threads_wait_at_the_same_time(
    chat: Script, many_rooms: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HIPCHAT_THREADS = 8
    monkeypatch.setattr(pace, "Pace", SlowPace)
    together = threading.Barrier(4, timeout=20)

    def wait_for_others(message: Message) -> None:
        if int(message.text) < 4:
            together.wait()

    chat.before = wait_for_others

    assert flush() == Summary(sent=60)


def test_a_crew_is_kept_from_flush_to_flush(chat: Script, queued: Any) -> None:
    with Crew(4) as crew:
        for text in ("one", "two"):
            queued(text)
            engine.flush(Run(Trigger.FLUSH), crew=crew)

    assert chat.texts == ["one", "two"]


def test_a_thread_that_is_ended_by_force_ends_the_flush_with_the_rest_recorded(
    chat: Script, many_rooms: None, settings: Any
) -> None:
    settings.HIPCHAT_THREADS = 4
    chat.by_text["020"] = SystemExit(3)

    with pytest.raises(SystemExit):
        flush()

    (in_hand,) = OutboundMessage.objects.filter(status=Status.SENDING)
    assert in_hand.message == "020"
    sent = OutboundMessage.objects.filter(status=Status.SENT).count()
    assert sent == len(chat.texts) - 1 == DeliveryAttempt.objects.count()
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_stop_waits_for_what_the_threads_have_in_hand(
    chat: Script, many_rooms: None, settings: Any
) -> None:
    settings.HIPCHAT_THREADS = 4

    summary = flush(stop=lambda: len(chat.delivered) >= 10)

    rows = OutboundMessage.objects
    assert summary.sent == len(chat.texts) == rows.filter(status=Status.SENT).count() < 60
    assert not rows.filter(status=Status.SENDING).exists()
    assert not rows.filter(status=Status.QUEUED, attempts__gt=0).exists()


def test_the_limit_holds_however_many_threads_there_are(
    chat: Script, many_rooms: None, settings: Any
) -> None:
    settings.HIPCHAT_THREADS = 8

    assert flush(limit=17) == Summary(sent=17)
    assert len(chat.texts) == 17


@pytest.mark.parametrize("threads", [1, 4])
def test_a_backends_own_database_connections_are_closed_but_not_the_workers(
    queued: Any, settings: Any, threads: int
) -> None:
    settings.HIPCHAT_BACKEND = "tests.delivery.test_drain.AskingBackend"
    settings.HIPCHAT_THREADS = threads
    AskingBackend.connections = []
    queued("hello")

    assert flush() == Summary(sent=1)

    assert len(AskingBackend.connections) == 1
    assert database.connection is not None
    assert OutboundMessage.objects.get().status == Status.SENT


def test_a_failing_room_gets_one_message_at_a_time(chat: Script, queued: Any) -> None:
    Room.objects.create(connection="default", room_id="Ops", failures=2)
    for number in range(3):
        queued(str(number))
    chat.results = [UNAVAILABLE]

    flush()

    assert chat.texts == ["0", "1", "2"]
    assert Room.objects.get(room_id="Ops").failures == 0


def test_another_connections_messages_go_in_windows_of_their_own(
    chat: Script, queued: Any, settings: Any
) -> None:
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH}}
    for number in range(8):
        queued(f"default {number}")
        queued(f"audit {number}", using="audit")

    assert flush() == Summary(sent=16)

    for alias in ("default", "audit"):
        texts = [text for text in chat.texts if text.startswith(alias)]
        assert texts == [f"{alias} {number}" for number in range(8)]
