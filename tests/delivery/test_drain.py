from __future__ import annotations

import threading
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.db import connection as database
from django.utils import timezone

from djhipchat2.backends.base import Allowance, Result
from djhipchat2.delivery import drain, engine, lease, marks, record, window
from djhipchat2.delivery.crew import Crew
from djhipchat2.delivery.pace import Pace
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.message import Message
from djhipchat2.models import WHOLE_CONNECTION, DeliveryAttempt, OutboundMessage, Room
from djhipchat2.signals import message_sent
from djhipchat2.states import HoldReason, Status, Trigger
from tests.delivery.leasing import take_over
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


class FastPace(Pace):
    """The pace of a chat that is known to be fast."""

    def __init__(self) -> None:
        self.size = 16

    def learn(self, seconds: float, messages: int) -> None:
        self.size = 16


class SlowPace(Pace):
    """The pace of a chat that is slow: one message, one window."""

    def learn(self, seconds: float, messages: int) -> None:
        self.size = 1


@pytest.fixture
def many_rooms(queued: Any) -> None:
    for number in range(60):
        queued(f"{number:03}", f"room {number % 12}")


def flush(**options: Any) -> Summary:
    return engine.flush(Run(Trigger.FLUSH, **options))


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
    monkeypatch.setattr(drain, "Pace", SlowPace)
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


def test_rooms_that_were_taken_over_are_lost_and_the_others_recorded(
    chat: Script,
    queued: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def be_overtaken(message: Message) -> None:
        if message.text == "last":
            Room.objects.filter(room_id="Dev").update(lease_token="another worker's")

    queued("first", "Aaa")  # after it the chat's pace is known
    queued("dev", "Dev")
    queued("ops", "Ops")
    queued("last", "Zoo")
    chat.before = be_overtaken
    monkeypatch.setattr(drain, "Pace", FastPace)
    monkeypatch.setattr(window, "WINDOW_SECONDS", 60)

    flush()

    texts = OutboundMessage.objects.filter(status=Status.SENDING).values_list("message", flat=True)
    assert set(texts) == {"dev"}
    assert OutboundMessage.objects.get(message="ops").status == Status.SENT
    assert "Room Dev was taken over from" in caplog.text


def test_a_lost_lease_is_noticed_when_it_is_renewed(
    chat: Script, queued: Any, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HIPCHAT_LEASE_SECONDS = 1  # shorter than an attempt may take: renewed each time
    queued("one")
    queued("two")

    def be_overtaken(message: Message) -> None:
        OutboundMessage.objects.filter(status=Status.SENDING).update(lease_token=take_over().token)

    chat.before = be_overtaken

    flush()

    assert chat.texts == ["one"]
    assert "Room Ops was taken over from" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_outcome_is_recorded_again_when_the_database_was_in_trouble(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble = iter([OperationalError("deadlock detected"), OperationalError("locked")])
    monkeypatch.setattr(record, "transaction", RollingBack(record.transaction, trouble))
    queued("hello")

    assert flush() == Summary(sent=1)

    row = OutboundMessage.objects.get()
    assert (row.status, row.attempts) == (Status.SENT, 1)
    assert row.delivery_attempts.count() == 1
    assert Room.objects.get().sent == 1
    assert chat.texts == ["hello"]


class RollingBack:
    """Django's transactions, whose first commits fail."""

    def __init__(self, module: Any, trouble: Any) -> None:
        self._module = module
        self._trouble = trouble

    def atomic(self, **options: Any) -> Any:
        return Failing(self._module.atomic(**options), self._trouble)


class Failing:
    def __init__(self, atomic: Any, trouble: Any) -> None:
        self._atomic = atomic
        self._trouble = trouble

    def __enter__(self) -> Any:
        return self._atomic.__enter__()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        failure = None if kind else next(self._trouble, None)
        if failure is None:
            return self._atomic.__exit__(kind, error, trace)
        self._atomic.__exit__(type(failure), failure, None)
        raise failure


@pytest.mark.django_db(transaction=True)
def test_an_outcome_that_cannot_be_recorded_is_logged_with_the_messages_number(
    chat: Script, queued: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    settings.HIPCHAT_LEASE_SECONDS = 1

    def fail(*args: Any, **kwargs: Any) -> Any:
        message = "server closed the connection"
        raise OperationalError(message)

    monkeypatch.setattr(record, "record", fail)
    row = queued("hello")

    with pytest.raises(OperationalError):
        flush()

    row.refresh_from_db()
    assert row.status == Status.SENDING
    assert f"What came of the messages {row.pk} could not be recorded" in caplog.text


def test_marks_that_nothing_follows_are_taken_back(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = marks.mark

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(marks, "mark", interrupted)
    row = queued("hello")

    with pytest.raises(KeyboardInterrupt):
        flush()

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 0)
    assert chat.texts == []


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


def test_a_room_that_is_lost_between_two_windows_is_left_to_its_new_worker(
    chat: Script,
    queued: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    later = 0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + later)
    monkeypatch.setattr(lease, "time", clock)
    queued("one")
    queued("two")

    def be_overtaken(**kwargs: Any) -> None:
        nonlocal later
        later = 100  # seconds, so that the lease is due to be renewed
        take_over()

    message_sent.connect(be_overtaken)

    flush()

    message_sent.disconnect(be_overtaken)
    assert chat.texts == ["one"]
    assert Room.objects.get().lease_owner == "other"
    assert "Room Ops was taken over from" in caplog.text


@pytest.fixture
def two_under_way(
    chat: Script, queued: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> threading.Event:
    """Two rooms with a message each, which leave together; the second ends at the event."""
    settings.HIPCHAT_THREADS = 2
    monkeypatch.setattr(drain, "Pace", SlowPace)
    both, end = threading.Event(), threading.Event()

    def wait(message: Message) -> None:
        if message.text == "second":
            both.set()
            assert end.wait(20)
        else:
            assert both.wait(20)

    chat.before = wait
    queued("first", "Dev")
    queued("second", "Ops")
    return end


def test_what_is_under_way_when_the_limit_is_heard_of_is_counted(
    chat: Script, two_under_way: threading.Event
) -> None:
    told = replace(ACCEPTED, allowance=Allowance(total=100, left=99, seconds=60))
    chat.by_text = {"first": told, "second": told}
    taken: list[int] = []

    def hear(**kwargs: Any) -> None:
        taken.append(Room.objects.get(room_id=WHOLE_CONNECTION).limit_taken)
        two_under_way.set()

    message_sent.connect(hear)

    flush()

    message_sent.disconnect(hear)
    assert taken[0] == 1
    assert Room.objects.get(room_id=WHOLE_CONNECTION).limit_taken == 0


def test_an_interruption_waits_for_what_the_other_threads_have_in_hand(
    chat: Script, two_under_way: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.by_text["first"] = SystemExit(3)
    original = Crew.finished
    interrupted = False

    def finished(crew: Crew) -> list[Any]:
        nonlocal interrupted
        if interrupted:
            two_under_way.set()
        windows = original(crew)
        interrupted = interrupted or any(w.interruption for w in windows)
        return windows

    monkeypatch.setattr(Crew, "finished", finished)

    with pytest.raises(SystemExit):
        flush()

    assert OutboundMessage.objects.get(message="second").status == Status.SENT


def test_while_a_probe_is_under_way_nothing_else_leaves(
    chat: Script, queued: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HIPCHAT_THREADS = 4
    Room.objects.create(
        connection="default",
        room_id=WHOLE_CONNECTION,
        hold_reason=HoldReason.UNREACHABLE,
        hold_until=timezone.now(),
        failures=5,
    )
    for name in ("Dev", "Ops", "Zoo"):
        queued(name, name)
    asked_again = threading.Event()
    under_way: list[int] = []
    original = drain.compose

    def compose(*args: Any, **options: Any) -> Any:
        under_way.append(options["in_hand"].total())
        if under_way.count(1) == 3:
            asked_again.set()
        return original(*args, **options)

    monkeypatch.setattr(drain, "compose", compose)
    chat.before = lambda message: asked_again.wait(20)

    assert flush() == Summary(sent=3)

    assert max(under_way[:4]) == 1
