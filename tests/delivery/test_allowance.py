"""Workers share out what is left of a connection's limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.api import send_message
from djhipchat2.backends.base import Allowance
from djhipchat2.delivery import allowance, engine, marks
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.delivery.leasing import claimed, expire_leases
from tests.delivery.limits import MINUTE, limit, mark, row, take
from tests.scripted import ACCEPTED, UNAVAILABLE, Script

pytestmark = pytest.mark.django_db


def answer(left: int) -> Any:
    return replace(ACCEPTED, allowance=Allowance(total=100, left=left, seconds=60))


def test_a_chat_that_tells_of_no_limit_costs_nothing(chat: Script) -> None:
    for number in range(3):
        send_message("Ops", str(number), defer=True)

    engine.flush(Run(Trigger.FLUSH))

    assert not Room.objects.filter(room_id=WHOLE_CONNECTION).exists()


def test_workers_share_out_what_is_left() -> None:
    soon = timezone.now() + MINUTE
    gate, other = limit(left=10, until=soon), limit(left=10, until=soon)

    assert take(gate, 7) == 7
    assert take(other, 7) == 3
    assert take(gate, 1) == 0
    assert row().limit_taken == 10


def test_what_is_answered_is_not_under_way_any_more() -> None:
    gate = limit(left=10, until=timezone.now() + MINUTE)
    take(gate, 10)

    allowance.give_back(gate, 4)

    assert take(gate, 9) == 4


def test_no_more_is_given_back_than_was_taken() -> None:
    gate = limit(left=10, taken=2, until=timezone.now() + MINUTE)

    allowance.give_back(gate, 5)

    assert row().limit_taken == 0


def test_when_the_limits_time_is_over_all_of_it_is_there_again() -> None:
    gate = limit(total=100, left=0, until=timezone.now() - MINUTE)

    assert take(gate, 30) == 30
    assert (row().limit_left, row().limit_taken, row().limit_resets_at) == (100, 30, None)


def test_a_new_time_does_not_let_through_more_than_the_limit() -> None:
    gate = limit(total=5, left=0, until=timezone.now() - MINUTE)

    assert take(gate, 30) == 5
    assert take(gate, 30) == 0


def test_a_row_without_a_limit_is_no_limit() -> None:
    gate = limit(left=3, until=timezone.now() + MINUTE)
    Room.objects.update(limit_left=None)

    assert take(gate, 30) == 30
    assert not gate.counts


def test_what_a_vanished_worker_took_and_did_not_mark_ends_with_the_limits_time(
    queued: Any,
) -> None:
    mark(queued("in another worker's hand"))
    gate = limit(total=100, left=0, taken=60, until=timezone.now() - MINUTE)

    assert take(gate, 30) == 30
    assert row().limit_taken == 1 + 30


def test_a_whole_limit_that_a_vanished_worker_took_is_free_when_a_lease_would_be_over() -> None:
    gate = limit(total=5, left=5, taken=5)  # at the beginning of a time that nobody has told of
    assert take(gate, 3) == 0

    Room.objects.update(modified=timezone.now() - 2 * MINUTE)

    assert take(gate, 3) == 3


def test_within_a_limits_time_it_is_free_as_soon(queued: Any) -> None:
    mark(queued("in another worker's hand"))
    gate = limit(left=5, taken=5, until=timezone.now() + 5 * MINUTE)
    assert take(gate, 3) == 0

    Room.objects.update(modified=timezone.now() - 2 * MINUTE)

    assert take(gate, 30) == 4


def test_what_was_taken_is_given_back_when_marking_fails(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(marks, "mark", fail)
    limit(left=5, until=timezone.now() + MINUTE)
    queued("hello")

    with pytest.raises(KeyboardInterrupt):
        engine.flush(Run(Trigger.FLUSH))

    assert row().limit_taken == 0


def test_a_flush_stops_at_what_is_left(chat: Script) -> None:
    for number in range(6):
        send_message("Ops", str(number), defer=True)
    limit(left=4, until=timezone.now() + MINUTE)
    chat.results = [answer(left=left) for left in (3, 2, 1, 0)]

    summary = engine.flush(Run(Trigger.FLUSH))

    assert summary == Summary(sent=4)
    assert OutboundMessage.objects.filter(status=Status.QUEUED, attempts=0).count() == 2


def test_a_limit_that_is_used_up_is_waited_for(chat: Script) -> None:
    send_message("Ops", "hello", defer=True)
    limit(left=0, until=timezone.now() + MINUTE)

    assert engine.flush(Run(Trigger.FLUSH)) == Summary()
    assert engine.next_due("default", "Ops") == pytest.approx(60, abs=5)


def test_what_a_worker_learns_binds_it_in_the_same_run(chat: Script) -> None:
    chat.results = [answer(left=2), answer(left=1), answer(left=0)]
    for number in range(6):
        send_message("Ops", str(number), defer=True)

    assert engine.flush(Run(Trigger.FLUSH)) == Summary(sent=3)


def test_a_chat_that_says_that_there_is_room_is_believed(chat: Script) -> None:
    for number in range(300):
        send_message("Ops", str(number), defer=True)
    chat.results = [answer(left=100)] * 300  # a limit that it tells of and does not enforce

    assert engine.flush(Run(Trigger.FLUSH)) == Summary(sent=300)


def test_what_a_killed_worker_had_under_way_is_given_back_when_it_is_found(
    chat: Script, queued: Any
) -> None:
    row_of_the_dead = queued("in hand")
    dead = claimed("host:9:dead")
    gate = limit(left=1, until=timezone.now() + MINUTE)
    take(gate, 1)
    marks.mark(dead.token, [row_of_the_dead], timezone.now(), using="default")
    queued("next")
    expire_leases()

    engine.flush(Run(Trigger.FLUSH))

    assert chat.texts == ["next"]
    assert row().limit_taken == 0


def test_messages_that_were_not_tried_are_not_under_way(chat: Script) -> None:
    for number in range(6):
        send_message("Ops", str(number), defer=True)
    chat.by_text["3"] = UNAVAILABLE
    limit(left=50, until=timezone.now() + MINUTE)

    engine.flush(Run(Trigger.FLUSH))

    assert len(chat.texts) == 6
    assert row().limit_taken == 0


def test_messages_cancelled_meanwhile_are_not_under_way(chat: Script) -> None:
    def cancel_the_last(message: Any) -> None:
        OutboundMessage.objects.filter(message="5").cancel(timezone.now())

    chat.before = cancel_the_last
    for number in range(6):
        send_message("Ops", str(number), defer=True)
    limit(left=50, until=timezone.now() + MINUTE)

    engine.flush(Run(Trigger.FLUSH))

    assert len(chat.texts) == 5
    assert row().limit_taken == 0
