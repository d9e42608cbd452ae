"""What a worker learns of a connection's limit from the answers of its chat."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.backends.base import Allowance
from djhipchat2.delivery import allowance
from djhipchat2.delivery.attempt import Attempt
from djhipchat2.delivery.gates import Gates
from djhipchat2.delivery.holds import Gate
from djhipchat2.delivery.run import Run
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Trigger
from tests.delivery.limits import MINUTE, limit, mark, row
from tests.scripted import ACCEPTED

pytestmark = pytest.mark.django_db


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


def test_it_ends_with_an_answer_of_a_new_time_as_well(queued: Any) -> None:
    mark(queued("in another worker's hand"))
    gate = limit(left=0, taken=60, until=timezone.now() + timedelta(seconds=5))

    learn(gate, left=99, seconds=300, answered=2)

    assert row().limit_taken == 1 + 2


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
