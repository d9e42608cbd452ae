"""What a worker leaves behind that vanishes, and who brings it back."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery import engine, recovery
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import HoldReason, Outcome, Status, Trigger
from tests.delivery.delivering import deliver, make_due
from tests.delivery.leasing import claimed, expire_leases, take_over
from tests.scripted import Script

pytestmark = pytest.mark.django_db


def test_an_exception_of_the_process_records_what_was_answered(chat: Script, queued: Any) -> None:
    for number in range(6):
        queued(f"message {number}")
    chat.by_text["message 2"] = KeyboardInterrupt()

    with pytest.raises(KeyboardInterrupt):
        deliver()

    statuses = list(OutboundMessage.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == ["sent", "sent", "sending", "queued", "queued", "queued"]
    assert Room.objects.get().lease_token == ""


def test_the_message_that_was_in_hand_is_tried_again_by_the_next_worker(
    chat: Script, queued: Any
) -> None:
    chat.by_text["only"] = KeyboardInterrupt()
    row = queued("only")
    queued("next")
    with pytest.raises(KeyboardInterrupt):
        deliver()

    summary = deliver()

    row.refresh_from_db()
    assert summary == Summary(sent=1, recovered=1)
    assert (row.status, row.attempts) == (Status.QUEUED, 1)
    assert row.next_attempt_at is not None
    attempt = row.delivery_attempts.get()
    assert attempt.outcome == Outcome.UNKNOWN
    assert attempt.error == "A worker vanished before it recorded an outcome."
    assert attempt.duration_ms is None


def test_a_killed_workers_message_names_the_worker(chat: Script, queued: Any) -> None:
    row = queued()
    dead = claimed("host:9:dead")
    OutboundMessage.objects.update(
        status=Status.SENDING, attempts=1, lease_token=dead.token, attempt_started_at=timezone.now()
    )
    Room.objects.update(lease_expires_at=timezone.now())
    queued("wake up")

    deliver()

    row.refresh_from_db()
    assert row.error == "host:9:dead vanished before it recorded an outcome."


def test_a_message_that_kills_its_workers_comes_to_its_limit(
    chat: Script, queued: Any, settings: Any
) -> None:
    settings.HIPCHAT_MAX_ATTEMPTS = 2
    chat.by_text["deadly"] = SystemExit()
    row = queued("deadly")

    for _ in range(2):
        with pytest.raises(SystemExit):
            deliver()
        queued("wake up")
        deliver()
        make_due()

    row.refresh_from_db()
    assert chat.texts.count("deadly") == 2
    assert row.status == Status.FAILED
    assert row.error.startswith("Given up after 2 attempts")


def test_a_worker_whose_room_was_taken_over_records_nothing(
    chat: Script, queued: Any, caplog: pytest.LogCaptureFixture
) -> None:
    row = queued()

    def be_overtaken(message: Any) -> None:
        OutboundMessage.objects.update(lease_token=take_over().token)

    chat.before = be_overtaken

    summary = deliver(worker="slow")

    row.refresh_from_db()
    assert summary == Summary()
    assert row.status == Status.SENDING
    assert not DeliveryAttempt.objects.exists()
    assert Room.objects.get().lease_owner == "other"
    assert "taken over from slow" in caplog.text


@pytest.fixture
def abandoned(queued: Any) -> OutboundMessage:
    """The last message of a room, left as being sent by a worker that was killed."""
    row = queued("the last one")
    dead = claimed("host:9:dead")
    OutboundMessage.objects.update(
        status=Status.SENDING, attempts=1, lease_token=dead.token, attempt_started_at=timezone.now()
    )
    return row


def test_the_last_message_of_a_room_is_brought_back_when_the_lease_is_over(
    chat: Script, abandoned: OutboundMessage
) -> None:
    expire_leases()

    summary = engine.flush(Run(Trigger.FLUSH))

    abandoned.refresh_from_db()
    assert summary == Summary(recovered=1)
    assert (abandoned.status, abandoned.attempts) == (Status.QUEUED, 1)
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_message_of_a_worker_that_is_alive_is_left_alone(abandoned: OutboundMessage) -> None:
    assert engine.flush(Run(Trigger.FLUSH)) == Summary()

    abandoned.refresh_from_db()
    assert abandoned.status == Status.SENDING


def test_what_was_abandoned_is_brought_back_in_a_paused_room_too(
    chat: Script, abandoned: OutboundMessage
) -> None:
    expire_leases()
    Room.objects.update(hold_reason=HoldReason.PAUSED, hold_note="incident 7")

    engine.flush(Run(Trigger.FLUSH))

    abandoned.refresh_from_db()
    room = Room.objects.get()
    assert abandoned.status == Status.QUEUED
    assert (room.hold_reason, room.hold_note) == (HoldReason.PAUSED, "incident 7")
    assert chat.texts == []


def test_what_was_abandoned_on_an_unknown_connection_waits_for_a_process_that_knows_it(
    abandoned: OutboundMessage,
) -> None:
    expire_leases()
    for model in (OutboundMessage, Room):
        model.objects.update(connection="gone")

    engine.flush(Run(Trigger.FLUSH))

    abandoned.refresh_from_db()
    assert abandoned.status == Status.SENDING


def test_only_the_rooms_that_are_meant_are_brought_back(abandoned: OutboundMessage) -> None:
    expire_leases()

    assert engine.flush(Run(Trigger.FLUSH), room_id="Dev") == Summary()
    assert engine.flush(Run(Trigger.FLUSH), using="other") == Summary()


def test_a_room_in_which_somebody_sends_is_looked_at_again_when_the_lease_is_over(
    abandoned: OutboundMessage,
) -> None:
    assert engine.next_due("default", "Ops") == pytest.approx(60, abs=5)


def test_a_rescue_that_another_worker_overtakes_changes_nothing(
    abandoned: OutboundMessage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expire_leases()
    original = recovery.recover

    def be_overtaken(*args: Any, **kwargs: Any) -> int:
        take_over()
        return original(*args, **kwargs)

    monkeypatch.setattr(recovery, "recover", be_overtaken)

    assert engine.flush(Run(Trigger.FLUSH, worker="slow")) == Summary()

    abandoned.refresh_from_db()
    assert abandoned.status == Status.SENDING
    assert "taken over from slow" in caplog.text
