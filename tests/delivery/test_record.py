from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from djhipchat2.delivery import clock, judging, lease, marks, record, recovery, retry
from djhipchat2.delivery.attempt import Attempt
from djhipchat2.delivery.holds import Gate
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.delivery.leasing import claimed, take_over
from tests.scripted import ACCEPTED, REJECTED

pytestmark = pytest.mark.django_db


def mark(held: lease.Lease, rows: list[OutboundMessage]) -> list[OutboundMessage]:
    return marks.mark(held.token, rows, timezone.now(), using="default")


def tell(held: lease.Lease, row: OutboundMessage, result: Any) -> list[retry.Verdict]:
    tried = judging.Tried(held, Gate("default", "default"), [attempt(row, result)])
    return record.record([tried], trigger=Trigger.FLUSH)


def recover(held: lease.Lease) -> int:
    return recovery.recover(held, Gate("default", "default"), trigger=Trigger.FLUSH)


def attempt(row: OutboundMessage, result: Any) -> Attempt:
    return Attempt(row, result, timezone.now(), 0.1)


def test_marking_counts_an_attempt_and_keeps_the_order(queued: Any) -> None:
    held = claimed()
    rows = [queued("a"), queued("b")]

    marked = mark(held, rows)

    assert [row.message for row in marked] == ["a", "b"]
    stored = OutboundMessage.objects.order_by("pk")
    assert [(row.status, row.attempts) for row in stored] == [("sending", 1), ("sending", 1)]


def test_nothing_is_marked_under_a_lost_lease(queued: Any) -> None:
    held = claimed()
    row = queued("a")
    take_over()

    assert mark(held, [row]) == []
    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 0)


def test_unmarking_refunds_the_attempt(queued: Any) -> None:
    held = claimed()
    rows = mark(held, [queued("a"), queued("b")])

    marks.unmark(held.token, rows[1:], using="default")

    stored = OutboundMessage.objects.order_by("pk")
    assert [(row.status, row.attempts) for row in stored] == [("sending", 1), ("queued", 0)]


@pytest.mark.parametrize("result", [ACCEPTED, REJECTED])
def test_a_lost_lease_records_nothing(queued: Any, result: Any) -> None:
    held = claimed()
    (row,) = mark(held, [queued("a")])
    other = take_over()

    with pytest.raises(lease.LeaseLost):
        tell(held, row, result)

    row.refresh_from_db()
    assert row.status == Status.SENDING
    assert not DeliveryAttempt.objects.exists()
    assert Room.objects.get().lease_token == other.token


@pytest.mark.parametrize("result", [ACCEPTED, REJECTED])
def test_what_the_next_holder_has_recovered_is_not_overwritten(queued: Any, result: Any) -> None:
    held = claimed()
    (row,) = mark(held, [queued("a")])
    recover(take_over())

    with pytest.raises(lease.LeaseLost):
        tell(held, row, result)

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert DeliveryAttempt.objects.get().outcome == "unknown"


def test_nothing_is_recovered_under_a_lost_lease(queued: Any) -> None:
    first = claimed()
    (row,) = mark(first, [queued("a")])
    second = take_over()
    take_over("third")

    with pytest.raises(lease.LeaseLost):
        recover(second)

    row.refresh_from_db()
    assert row.status == Status.SENDING


def test_the_databases_clock_is_close_to_ours() -> None:
    assert abs(clock.now("default") - timezone.now()) < timedelta(seconds=5)


def test_the_databases_time_is_reckoned_for_a_moment() -> None:
    asked = clock.now("default")
    with CaptureQueriesContext(connection) as queries:
        reckoned = clock.reckoned("default")

    assert not queries.captured_queries
    assert asked <= reckoned < asked + timedelta(seconds=clock.RECKONED_SECONDS)


def test_the_database_is_asked_again_when_it_has_not_said_the_time_lately(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.now("default")
    monkeypatch.setattr(clock, "RECKONED_SECONDS", -1)

    with CaptureQueriesContext(connection) as queries:
        clock.reckoned("default")

    assert len(queries.captured_queries) == (connection.vendor != "sqlite")


def test_the_databases_clock_follows_use_tz(settings: Any) -> None:
    settings.USE_TZ = False

    assert timezone.is_naive(clock.now("default"))
