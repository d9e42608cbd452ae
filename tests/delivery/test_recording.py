"""Outcomes that are hard to write down: nothing is lost by it, and no other room waits for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DataError, OperationalError

from djhipchat2.backends.base import Allowance
from djhipchat2.delivery import clock, drain, lease, marks, record
from djhipchat2.delivery.composing import compose
from djhipchat2.delivery.places import Waiting
from djhipchat2.delivery.rooms import Rooms
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.delivery.window import Window
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.signals import message_sent
from djhipchat2.states import HoldReason, Outcome, Status, Trigger
from tests.delivery.delivering import deliver, flush, make_due
from tests.delivery.leasing import claimed, expire_leases
from tests.delivery.paces import FastPace
from tests.scripted import ACCEPTED, Script

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    "answer",
    [
        replace(ACCEPTED, retry_after=float("inf")),
        replace(ACCEPTED, retry_after=float("nan")),
        replace(ACCEPTED, retry_after=-5),
        replace(ACCEPTED, http_status=10**9),
        replace(ACCEPTED, allowance=Allowance(3_000_000_000, -1, 60)),
        replace(ACCEPTED, allowance=Allowance(100, 3_000_000_000, 1e300)),
        replace(ACCEPTED, allowance=Allowance(100, 99, float("nan"))),
        replace(ACCEPTED, error="\0", answer="\ud800"),
    ],
)
def test_an_answer_beyond_all_bounds_is_recorded_within_them(
    chat: Script, queued: Any, answer: Any
) -> None:
    row = queued()
    chat.results = [answer]

    assert flush() == Summary(sent=1)

    row.refresh_from_db()
    assert row.status == Status.SENT
    assert row.delivery_attempts.get().outcome == Outcome.ACCEPTED
    assert not Room.objects.exclude(lease_token="").exists()


@pytest.mark.parametrize("answer", [None, replace(ACCEPTED, outcome="wonderful")])
def test_a_backend_that_returns_no_result_has_an_unknown_outcome(
    chat: Script, queued: Any, answer: Any
) -> None:
    row = queued()
    chat.by_text["hello"] = answer
    chat.results = [answer]

    deliver()

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert row.error.startswith("The backend failed: ")


def refuse(monkeypatch: pytest.MonkeyPatch, text: str, *, also_plain: bool = False) -> None:
    """Let the database refuse what the chat said of a message; or its outcome, too."""
    original = record.record

    def refusing(tried: Any, **options: Any) -> Any:
        attempts = [made for part in tried for made in part.attempts]
        if any(
            made.row.message == text and (also_plain or made.result.answer) for made in attempts
        ):
            message = "numeric value out of range"
            raise DataError(message)
        return original(tried, **options)

    monkeypatch.setattr(record, "record", refusing)


def test_what_the_database_refuses_keeps_no_other_room_from_being_recorded(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr("djhipchat2.delivery.pace.Pace", FastPace)
    queued("first", "Aaa")  # after it the chat's pace is known
    for room in ("Dev", "Ops", "Zoo"):
        queued(room, room)
    refuse(monkeypatch, "Ops")

    assert flush() == Summary(sent=4)

    refused = DeliveryAttempt.objects.get(message__message="Ops")
    assert refused.outcome == Outcome.ACCEPTED
    assert refused.error == "What the chat said could not be recorded."
    assert "could not be recorded (DataError); their outcomes are" in caplog.text
    assert not Room.objects.exclude(lease_token="").exists()


def test_an_outcome_that_cannot_be_recorded_at_all_is_left_to_the_next_worker(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    row = queued("Ops")
    queued("Zoo", "Zoo")
    with monkeypatch.context() as trouble:
        refuse(trouble, "Ops", also_plain=True)
        assert flush() == Summary(sent=1)
    row.refresh_from_db()
    assert row.status == Status.SENDING
    assert f"What came of the messages {row.pk} could not be recorded (DataError)" in caplog.text

    assert flush() == Summary(recovered=1)


def test_an_outcome_whose_commit_was_not_confirmed_is_recorded_once(
    chat: Script, queued: Any, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[OutboundMessage] = []

    def listen(message: OutboundMessage, **kwargs: Any) -> None:
        told.append(message)

    original = record.record
    confirmations = iter([OperationalError("server closed the connection")])

    def unconfirmed(*args: Any, **options: Any) -> Any:
        verdicts = original(*args, **options)
        for error in confirmations:
            raise error
        return verdicts

    monkeypatch.setattr(record, "record", unconfirmed)
    connect(message_sent, listen)
    row = queued("hello")
    queued("next")

    summary = flush()

    assert summary == Summary(sent=2)
    assert chat.texts == ["hello", "next"]
    assert told[0] == row
    assert told[0].status == Status.SENT
    assert Room.objects.get().lease_token == ""


def test_a_wrong_retry_setting_lets_nothing_leave(
    chat: Script, queued: Any, settings: Any, caplog: Any
) -> None:
    row = queued()
    settings.HIPCHAT_BACKOFF_BASE = "10"

    assert flush() == Summary(skipped_rooms=1)

    row.refresh_from_db()
    assert chat.texts == []
    assert row.status == Status.QUEUED
    assert "HIPCHAT_BACKOFF_BASE is '10'; set it to a number of seconds" in caplog.text


def test_what_was_abandoned_waits_while_a_retry_setting_is_wrong(
    queued: Any, settings: Any
) -> None:
    row = queued()
    dead = claimed("dead")
    marks.mark(dead.token, [row], clock.now("default"), using="default")
    expire_leases()
    settings.HIPCHAT_BACKOFF_BASE = "10"

    assert flush() == Summary(skipped_rooms=1)

    row.refresh_from_db()
    assert row.status == Status.SENDING
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_room_that_was_lost_needs_no_stop() -> None:
    rooms = Rooms(Run(Trigger.FLUSH), "default")

    rooms.stop(claimed())

    assert list(rooms) == []


def test_a_room_that_is_under_way_is_not_begun_again_for_what_falls_back_to_it(queued: Any) -> None:
    queued("under way")
    rooms = Rooms(Run(Trigger.FLUSH), "default")
    now = clock.now("default")
    rooms.take(iter([Waiting(("default", "Ops"))]), 1, most=1, read_ahead=8, now=now)
    [room] = rooms
    room.is_under_way = True
    queued("fell back")

    rooms.look_at("default", "Ops")
    rooms.take(iter([]), 1, most=1, read_ahead=8, now=now)

    assert list(rooms) == [room]
    assert room.is_under_way


def test_what_a_killed_worker_had_in_hand_does_not_hold_its_room(chat: Script, queued: Any) -> None:
    rows = [queued(f"message {number}") for number in range(8)]
    dead = Run(Trigger.FLUSH)
    lease.claim([("default", "Ops")], token=dead.token, owner="dead", using="default")
    marks.mark(dead.token, rows, clock.now("default"), using="default")
    expire_leases()

    assert flush() == Summary(recovered=8)

    room = Room.objects.get(room_id="Ops")
    assert (room.hold_reason, room.failures) == (HoldReason.NONE, 1)
    make_due()
    assert flush() == Summary(sent=8)


def test_a_message_cancelled_just_before_it_is_marked_lets_its_room_go_on(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    victim = queued("victim")
    queued("next")
    original = marks.mark

    def overtaken(*args: Any, **options: Any) -> Any:
        OutboundMessage.objects.filter(pk=victim.pk).cancel(clock.now("default"))
        return original(*args, **options)

    monkeypatch.setattr(marks, "mark", overtaken)

    assert flush() == Summary(sent=1)
    assert chat.texts == ["next"]


def test_a_database_that_marks_slowly_is_no_reason_to_send_nothing(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def long_ago(*args: Any, **options: Any) -> list[Window]:
        windows = compose(*args, **options)
        for window in windows:
            window.composed -= 10
            window.ready -= 10
        return windows

    monkeypatch.setattr(drain, "compose", long_ago)
    queued()

    assert flush() == Summary(sent=1)
