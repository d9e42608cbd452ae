"""A worker whose rooms are taken over, or whose database is in trouble."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from djhipchat2.delivery import due, engine, lease, marks, pace, record, recovery, window
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.message import Message
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.signals import message_sent
from djhipchat2.states import Status, Trigger
from tests.delivery.leasing import claimed, expire_leases, take_over
from tests.delivery.paces import FastPace
from tests.scripted import Script

pytestmark = pytest.mark.django_db


def flush(**options: Any) -> Summary:
    return engine.flush(Run(Trigger.FLUSH, **options))


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
    monkeypatch.setattr(pace, "Pace", FastPace)
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


@pytest.mark.django_db(transaction=True)
def test_rooms_that_could_not_be_read_are_given_back(
    queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> Any:
        message = "server closed the connection"
        raise OperationalError(message)

    monkeypatch.setattr(due, "read_together", fail)
    queued("hello")

    with pytest.raises(OperationalError):
        flush()

    assert Room.objects.get().lease_token == ""


@pytest.mark.django_db(transaction=True)
def test_rooms_that_could_not_be_rescued_are_given_back(
    queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **options: Any) -> Any:
        message = "server closed the connection"
        raise OperationalError(message)

    row = queued("hello")
    dead = claimed("dead")
    marks.mark(dead.token, [row], timezone.now(), using="default")
    expire_leases()
    monkeypatch.setattr(recovery, "recover", fail)

    with pytest.raises(OperationalError):
        flush()

    assert Room.objects.get().lease_token == ""


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


def test_a_room_that_is_lost_between_two_windows_is_left_to_its_new_worker(
    chat: Script,
    queued: Any,
    connect: Any,
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

    connect(message_sent, be_overtaken)

    flush()

    assert chat.texts == ["one"]
    assert Room.objects.get().lease_owner == "other"
    assert "Room Ops was taken over from" in caplog.text
