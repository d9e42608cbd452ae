"""What becomes of a room's messages: each answer, each limit, and the order they leave in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery.run import Summary
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Outcome, Status, Trigger
from tests.delivery.delivering import deliver, make_due
from tests.delivery.leasing import claimed
from tests.scripted import REJECTED, UNAVAILABLE, UNKNOWN, Script

pytestmark = pytest.mark.django_db


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


def test_a_leased_room_is_left_to_its_worker(chat: Script, queued: Any) -> None:
    claimed("other")
    queued()

    assert deliver() == Summary()
    assert chat.texts == []


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


def test_the_time_limit_of_an_attempt_is_the_backends(chat: Script, queued: Any) -> None:
    queued()

    deliver()

    assert chat.timeouts == [8.0]


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
