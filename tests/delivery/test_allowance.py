from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.api import send_message
from djhipchat2.backends.base import Allowance
from djhipchat2.delivery import allowance, engine, marks
from djhipchat2.delivery.attempt import Attempt
from djhipchat2.delivery.gates import Gates
from djhipchat2.delivery.holds import Gate, look
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.delivery.leasing import claimed, expire_leases
from tests.scripted import ACCEPTED, UNAVAILABLE, Script

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def limit(
    total: int = 100, left: int | None = 10, taken: int = 0, until: datetime | None = None
) -> Gate:
    """Let the chat have told of its limit, and return what a worker knows then."""
    Room.objects.update_or_create(
        connection="default",
        room_id=WHOLE_CONNECTION,
        defaults={
            "limit_total": total,
            "limit_left": left,
            "limit_taken": taken,
            "limit_resets_at": until,
        },
    )
    gate = Gate("default", "default")
    look(gate, timezone.now())
    return gate


def row() -> Room:
    return Room.objects.get(room_id=WHOLE_CONNECTION)


def take(gate: Gate, messages: int) -> int:
    return allowance.take(gate, messages, timezone.now())


def learn(
    gate: Gate,
    left: int,
    seconds: float = 60,
    *,
    under_way: int = 0,
    answered: int = 1,
    ago: int = 0,
) -> None:
    """Record answers of so many seconds ago."""
    now = timezone.now()
    told = replace(ACCEPTED, allowance=Allowance(total=100, left=left, seconds=seconds))
    made = Attempt(OutboundMessage(), told, now - timedelta(seconds=ago + 2), seconds=2.0)
    allowance.learn(gate, [made] * answered, now, under_way=under_way)


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


def test_the_first_answer_tells_of_the_limit() -> None:
    gate = Gate("default", "default")

    learn(gate, left=99)

    assert gate.counts
    assert (row().limit_total, row().limit_left) == (100, 99)
    assert row().limit_resets_at - timezone.now() < timedelta(seconds=61)


def test_a_limit_that_nobody_comes_near_is_not_counted() -> None:
    gate = Gate("default", "default")

    learn(gate, left=allowance.UNCOUNTED + 1)

    assert not gate.counts
    assert not Room.objects.exists()


@pytest.mark.parametrize(("told", "kept"), [(12, 8), (3, 3)])
def test_within_its_time_the_limit_only_falls(told: int, kept: int) -> None:
    gate = limit(left=8, until=timezone.now() + timedelta(seconds=60))

    learn(gate, left=told)

    assert row().limit_left == kept


def test_a_new_time_is_learnt_from_the_answer() -> None:
    gate = limit(left=0, taken=4, until=timezone.now() + timedelta(seconds=5))

    learn(gate, left=99, seconds=300, answered=4)

    assert (row().limit_left, row().limit_taken) == (99, 4)
    assert row().limit_resets_at > timezone.now() + timedelta(seconds=290)


def test_an_answer_that_is_recorded_late_does_not_tell_of_a_new_time() -> None:
    until = timezone.now() + timedelta(seconds=40)
    gate = limit(left=8, taken=3, until=until)

    learn(gate, left=12, seconds=60, ago=20)

    assert (row().limit_left, row().limit_taken) == (8, 3)
    assert abs(row().limit_resets_at - until) < timedelta(seconds=1)


def mark(*rows: OutboundMessage) -> None:
    marks.mark(claimed().token, rows, timezone.now(), using="default")


def test_what_a_vanished_worker_took_and_did_not_mark_ends_with_the_limits_time(
    queued: Any,
) -> None:
    mark(queued("in another worker's hand"))
    gate = limit(total=100, left=0, taken=60, until=timezone.now() - MINUTE)

    assert take(gate, 30) == 30
    assert row().limit_taken == 1 + 30


def test_it_ends_with_an_answer_of_a_new_time_as_well(queued: Any) -> None:
    mark(queued("in another worker's hand"))
    gate = limit(left=0, taken=60, until=timezone.now() + timedelta(seconds=5))

    learn(gate, left=99, seconds=300, answered=2)

    assert row().limit_taken == 1 + 2


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


def test_a_worker_that_hears_of_the_limit_later_counts_what_it_has_under_way() -> None:
    limit(left=50, until=timezone.now() + MINUTE)
    newcomer = Gate("default", "default")  # began before the chat had told anybody

    learn(newcomer, left=48, under_way=6)
    learn(newcomer, left=47, under_way=6)

    assert (row().limit_left, row().limit_taken) == (47, 6)


def test_what_a_worker_has_under_way_is_counted_when_its_own_answer_tells_of_the_limit() -> None:
    gates = Gates(Run(Trigger.FLUSH), "default")
    place = "default", "Ops"
    gates.look(place, set(), timezone.now())
    limit(left=50, taken=7, until=timezone.now() + MINUTE)  # another worker has heard of it
    gate = gates.look(place, set(), timezone.now())
    assert gate is not None

    allowance.give_back(gate, 2)  # sent before anybody had heard of it
    learn(gate, left=40, under_way=3)

    assert row().limit_taken == 7 + 3
