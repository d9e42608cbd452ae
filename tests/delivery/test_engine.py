from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.exceptions import ConnectionUnknown
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.signals import message_failed, message_sent
from djhipchat2.states import HoldReason, Outcome, Status, Trigger
from tests.delivery.leasing import claimed
from tests.scripted import LIMITED, REJECTED, UNAVAILABLE, UNKNOWN, Script

pytestmark = pytest.mark.django_db


def deliver(room_id: str = "Ops", **options: Any) -> Summary:
    return engine.deliver_room("default", room_id, Run(Trigger.FLUSH, **options))


def make_due() -> None:
    OutboundMessage.objects.queued().update(next_attempt_at=None)
    Room.objects.update(hold_reason="", hold_until=None)


def test_an_accepted_message_is_sent(chat: Script, queued: Any) -> None:
    row = queued("hello")

    summary = deliver()

    row.refresh_from_db()
    assert chat.texts == ["hello"]
    assert summary == Summary(sent=1)
    assert row.status == Status.SENT
    assert (row.attempts, row.error, row.next_attempt_at) == (1, "", None)
    assert row.sent_at == row.finished_at
    assert timezone.now() - row.sent_at < timedelta(seconds=5)


def test_an_attempt_is_recorded(chat: Script, queued: Any) -> None:
    row = queued("hello")

    deliver(worker="host:1:MainThread")

    attempt = row.delivery_attempts.get()
    assert attempt.number == 1
    assert attempt.counted
    assert attempt.trigger == Trigger.FLUSH
    assert attempt.worker == "host:1:MainThread"
    assert attempt.outcome == Outcome.ACCEPTED
    assert (attempt.http_status, attempt.answer, attempt.error) == (200, "ok", "")
    assert attempt.duration_ms is not None
    assert timezone.now() - attempt.started_at < timedelta(seconds=5)


def test_messages_of_a_room_leave_in_the_order_of_their_rows(chat: Script, queued: Any) -> None:
    for number in range(40):
        queued(f"message {number}")

    deliver()

    assert chat.texts == [f"message {number}" for number in range(40)]


def test_only_the_rooms_own_messages_are_sent(chat: Script, queued: Any) -> None:
    queued("for ops", "Ops")
    queued("for dev", "Dev")

    deliver("Ops")

    assert chat.texts == ["for ops"]


def test_the_room_is_given_back_and_counts(chat: Script, queued: Any) -> None:
    queued("one")
    queued("two")

    deliver()

    room = Room.objects.get()
    assert (room.lease_token, room.lease_owner, room.lease_expires_at) == ("", "", None)
    assert (room.sent, room.failures) == (2, 0)
    assert room.last_sent_at is not None


def test_a_rejected_message_fails_at_once_and_does_not_block(chat: Script, queued: Any) -> None:
    chat.by_text["bad"] = REJECTED
    bad, good = queued("bad"), queued("good")

    summary = deliver()

    bad.refresh_from_db()
    good.refresh_from_db()
    assert summary == Summary(sent=1, failed=1)
    assert (bad.status, bad.error) == (Status.FAILED, "no such room")
    assert bad.finished_at is not None
    assert good.status == Status.SENT


@pytest.mark.parametrize("result", [UNAVAILABLE, UNKNOWN])
def test_a_failed_attempt_queues_the_message_for_later(
    chat: Script, queued: Any, result: Any
) -> None:
    chat.results = [result]
    row = queued()

    summary = deliver()

    row.refresh_from_db()
    attempt = row.delivery_attempts.get()
    assert summary == Summary(retried=1)
    assert (row.status, row.attempts, row.error) == (Status.QUEUED, 1, result.error)
    assert row.next_attempt_at is not None
    assert attempt.next_attempt_at == row.next_attempt_at
    assert attempt.outcome == result.outcome


def test_a_message_that_failed_gives_way_to_the_next(chat: Script, queued: Any) -> None:
    chat.by_text["first"] = UNAVAILABLE
    queued("first")
    queued("second")

    deliver()

    assert chat.texts == ["first", "second"]


def test_a_waiting_message_is_not_tried(chat: Script, queued: Any) -> None:
    queued("later", deliver_at=timezone.now() + timedelta(hours=1))

    assert deliver() == Summary()
    assert chat.texts == []


def test_attempts_used_up_fail_the_message(chat: Script, queued: Any, settings: Any) -> None:
    settings.HIPCHAT_MAX_ATTEMPTS = 2
    chat.results = [UNAVAILABLE, UNAVAILABLE]
    row = queued()

    deliver()
    make_due()
    deliver()

    row.refresh_from_db()
    assert row.status == Status.FAILED
    assert row.error == "Given up after 2 attempts; the last one: down"
    assert [a.number for a in row.delivery_attempts.all()] == [1, 2]


def test_a_rate_limit_holds_the_room_and_costs_no_attempt(chat: Script, queued: Any) -> None:
    chat.results = [LIMITED]
    first, second = queued("first"), queued("second")

    summary = deliver()

    first.refresh_from_db()
    second.refresh_from_db()
    room = Room.objects.get()
    assert summary == Summary(retried=1)
    assert chat.texts == ["first"]
    assert (first.attempts, second.attempts) == (0, 0)
    assert room.hold_reason == HoldReason.RATE_LIMITED
    assert room.hold_until == first.next_attempt_at
    assert not first.delivery_attempts.get().counted
    assert deliver() == Summary()


def test_a_held_room_goes_on_where_it_stopped(chat: Script, queued: Any) -> None:
    chat.results = [LIMITED]
    queued("first")
    queued("second")
    deliver()
    make_due()

    deliver()

    assert chat.texts == ["first", "first", "second"]


def test_failures_in_a_row_hold_the_room(chat: Script, queued: Any) -> None:
    chat.results = [UNAVAILABLE] * 10
    for number in range(10):
        queued(f"message {number}")

    deliver()

    room = Room.objects.get()
    assert len(chat.texts) == 5
    assert (room.failures, room.hold_reason) == (5, HoldReason.UNREACHABLE)
    assert OutboundMessage.objects.filter(attempts=0).count() == 5


def test_a_held_room_is_probed_with_one_message(chat: Script, queued: Any) -> None:
    chat.results = [UNAVAILABLE] * 6
    for number in range(10):
        queued(f"message {number}")
    deliver()
    make_due()

    deliver()

    assert len(chat.texts) == 6
    assert Room.objects.get().failures == 6


def test_an_answer_ends_the_failures(chat: Script, queued: Any) -> None:
    chat.results = [UNAVAILABLE, REJECTED]
    queued("one")
    queued("two")

    deliver()

    assert Room.objects.get().failures == 0


def test_a_pause_ordered_meanwhile_stops_the_room(chat: Script, queued: Any) -> None:
    def pause(message: Any) -> None:
        Room.objects.update(hold_reason=HoldReason.PAUSED)

    chat.before = pause
    for number in range(5):
        queued(f"message {number}")

    deliver()

    assert chat.texts == ["message 0"]
    assert Room.objects.get().hold_reason == HoldReason.PAUSED


def test_a_pause_outlasts_the_servers_wish(chat: Script, queued: Any) -> None:
    chat.before = lambda message: Room.objects.update(hold_reason=HoldReason.PAUSED)
    chat.results = [LIMITED]
    queued()

    deliver()

    room = Room.objects.get()
    assert (room.hold_reason, room.hold_until) == (HoldReason.PAUSED, None)


def test_a_leased_room_is_left_to_its_worker(chat: Script, queued: Any) -> None:
    claimed("other")
    queued()

    assert deliver() == Summary()
    assert chat.texts == []


def test_what_is_committed_meanwhile_is_delivered_too(chat: Script, queued: Any) -> None:
    def write_another(message: Any) -> None:
        if message.text == "first":
            queued("second")

    chat.before = write_another
    queued("first")

    deliver()

    assert chat.texts == ["first", "second"]


def test_a_message_cancelled_meanwhile_is_not_sent(chat: Script, queued: Any) -> None:
    queued("first")
    for number in range(1, 4):
        queued(f"message {number}")
    victim = OutboundMessage.objects.get(message="message 2")

    def cancel(message: Any) -> None:
        if message.text == "first":
            OutboundMessage.objects.filter(pk=victim.pk).cancel(timezone.now())

    chat.before = cancel

    deliver()

    assert chat.texts == ["first", "message 1", "message 3"]
    victim.refresh_from_db()
    assert victim.status == Status.CANCELLED


def test_an_expired_message_is_never_sent(chat: Script, queued: Any) -> None:
    row = queued(expires_at=timezone.now() + timedelta(hours=1))
    queued("alive")
    OutboundMessage.objects.filter(pk=row.pk).update(expires_at=timezone.now())

    summary = deliver()

    row.refresh_from_db()
    assert chat.texts == ["alive"]
    assert summary == Summary(sent=1, expired=1)
    assert row.status == Status.EXPIRED
    assert row.error == "It was still queued when it expired."
    assert row.finished_at is not None


def test_the_limit_stops_the_run(chat: Script, queued: Any) -> None:
    for number in range(5):
        queued(f"message {number}")

    summary = deliver(limit=3)

    assert summary == Summary(sent=3)
    assert OutboundMessage.objects.queued().count() == 2


def test_a_stop_finishes_the_message_in_hand_and_gives_the_room_back(
    chat: Script, queued: Any
) -> None:
    for number in range(20):
        queued(f"message {number}")

    deliver(stop=lambda: len(chat.delivered) >= 4)

    rows = OutboundMessage.objects
    assert chat.texts == ["message 0", "message 1", "message 2", "message 3"]
    assert rows.filter(status=Status.SENT).count() == 4
    assert rows.filter(status=Status.QUEUED, attempts=0).count() == 16
    assert Room.objects.get().lease_token == ""


def test_the_time_limit_of_an_attempt_is_the_backends(chat: Script, queued: Any) -> None:
    queued()

    deliver()

    assert chat.timeouts == [8.0]


def test_a_backends_bug_is_an_unknown_outcome_without_the_exceptions_text(
    chat: Script, queued: Any, caplog: pytest.LogCaptureFixture
) -> None:
    chat.results = [RuntimeError("token=SECRET")]
    row = queued()

    deliver()

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert row.error.startswith("The backend failed: RuntimeError at scripted.py:")
    assert "SECRET" not in row.error + caplog.text


def test_a_message_that_the_connection_no_longer_takes_is_rejected(
    chat: Script, queued: Any
) -> None:
    row = queued()
    OutboundMessage.objects.update(sender="a sender for version two")

    deliver()

    row.refresh_from_db()
    assert row.status == Status.FAILED
    assert "must have 1 to 15 characters" in row.error
    assert chat.texts == []


def test_an_unknown_connection_touches_nothing(queued: Any) -> None:
    queued()
    OutboundMessage.objects.update(connection="gone")

    with pytest.raises(ConnectionUnknown):
        engine.deliver_room("gone", "Ops", Run(Trigger.FLUSH))

    assert OutboundMessage.objects.get().status == Status.QUEUED


def test_a_missing_setting_is_an_attempt_that_says_so(queued: Any, settings: Any) -> None:
    row = queued()
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"

    deliver()

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert "HipChat API token not set" in row.error


def test_signals_tell_of_final_messages(chat: Script, queued: Any) -> None:
    chat.by_text["bad"] = REJECTED
    chat.by_text["later"] = UNAVAILABLE
    told: list[tuple[str, str]] = []

    def hear_sent(message: OutboundMessage, **kwargs: Any) -> None:
        told.append(("sent", f"{message.message} {message.status}"))

    def hear_failed(message: OutboundMessage, **kwargs: Any) -> None:
        told.append(("failed", f"{message.message} {message.status}"))

    message_sent.connect(hear_sent)
    message_failed.connect(hear_failed)
    for text in ("good", "bad", "later"):
        queued(text)

    deliver()

    assert told == [("sent", "good sent"), ("failed", "bad failed")]


def test_a_receiver_that_raises_changes_nothing(chat: Script, queued: Any) -> None:
    def raise_error(**kwargs: Any) -> None:
        raise RuntimeError

    message_sent.connect(raise_error)
    row = queued()

    deliver()

    row.refresh_from_db()
    assert row.status == Status.SENT


def test_every_attempt_of_a_message_has_the_same_key(chat: Script, queued: Any) -> None:
    chat.results = [UNAVAILABLE]
    row = queued()
    deliver()
    make_due()

    deliver()

    first, second = (message.key for message in chat.delivered)
    assert first == second
    # The id alone would be another row's, too: that of a site with the same token.
    assert first == f"djhipchat2-{row.pk}-{row.created:%Y%m%d%H%M%S%f}"
