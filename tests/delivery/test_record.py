from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery import clock, lease, record
from djhipchat2.delivery.attempt import Attempt
from djhipchat2.delivery.engine import policy
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.scripted import ACCEPTED, REJECTED

pytestmark = pytest.mark.django_db


def claim(owner: str = "worker") -> lease.Lease:
    held = lease.claim("default", "Ops", owner=owner, using="default")
    assert held is not None
    return held


def lose(held: lease.Lease) -> lease.Lease:
    """Let another worker take the room over."""
    Room.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    return claim("other")


def tried(row: OutboundMessage, result: Any) -> Attempt:
    return Attempt(row, result, timezone.now(), 0.1)


def test_marking_counts_an_attempt_and_keeps_the_order(queued: Any) -> None:
    held = claim()
    rows = [queued("a"), queued("b")]

    marked = record.mark(held, rows, timezone.now())

    assert [row.message for row in marked] == ["a", "b"]
    stored = OutboundMessage.objects.order_by("pk")
    assert [(row.status, row.attempts) for row in stored] == [("sending", 1), ("sending", 1)]


def test_nothing_is_marked_under_a_lost_lease(queued: Any) -> None:
    held = claim()
    row = queued("a")
    lose(held)

    assert record.mark(held, [row], timezone.now()) == []
    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 0)


def test_unmarking_refunds_the_attempt(queued: Any) -> None:
    held = claim()
    rows = record.mark(held, [queued("a"), queued("b")], timezone.now())

    record.unmark(held, rows[1:])

    stored = OutboundMessage.objects.order_by("pk")
    assert [(row.status, row.attempts) for row in stored] == [("sending", 1), ("queued", 0)]


@pytest.mark.parametrize("result", [ACCEPTED, REJECTED])
def test_a_lost_lease_records_nothing(queued: Any, result: Any) -> None:
    held = claim()
    (row,) = record.mark(held, [queued("a")], timezone.now())
    other = lose(held)

    with pytest.raises(lease.LeaseLost):
        record.record(held, [tried(row, result)], trigger=Trigger.FLUSH, policy=policy())

    row.refresh_from_db()
    assert row.status == Status.SENDING
    assert not DeliveryAttempt.objects.exists()
    assert Room.objects.get().lease_token == other.token


def test_what_the_next_holder_has_recovered_is_not_overwritten(queued: Any) -> None:
    held = claim()
    (row,) = record.mark(held, [queued("a")], timezone.now())
    record.recover(lose(held), trigger=Trigger.FLUSH, policy=policy())

    with pytest.raises(lease.LeaseLost):
        record.record(held, [tried(row, ACCEPTED)], trigger=Trigger.FLUSH, policy=policy())

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert DeliveryAttempt.objects.get().outcome == "unknown"


def test_nothing_is_recovered_under_a_lost_lease(queued: Any) -> None:
    first = claim()
    (row,) = record.mark(first, [queued("a")], timezone.now())
    second = lose(first)
    lose(second)

    with pytest.raises(lease.LeaseLost):
        record.recover(second, trigger=Trigger.FLUSH, policy=policy())

    row.refresh_from_db()
    assert row.status == Status.SENDING


def test_the_databases_clock_is_close_to_ours() -> None:
    assert abs(clock.now("default") - timezone.now()) < timedelta(seconds=5)


def test_the_databases_clock_follows_use_tz(settings: Any) -> None:
    settings.USE_TZ = False

    assert timezone.is_naive(clock.now("default"))
