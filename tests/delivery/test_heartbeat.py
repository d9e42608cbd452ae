from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery import engine, heartbeat
from djhipchat2.delivery.run import Run
from djhipchat2.models import Heartbeat
from djhipchat2.states import Trigger

pytestmark = pytest.mark.django_db


def beat(worker: str = "host:1:MainThread", kind: Trigger = Trigger.FLUSH) -> None:
    heartbeat.beat("default", kind, worker)


def test_a_worker_leaves_a_sign_of_life() -> None:
    beat("host:1:MainThread")

    row = Heartbeat.objects.get()
    assert (row.kind, row.worker) == (Trigger.FLUSH, "host:1:MainThread")
    assert timezone.now() - row.seen_at < timedelta(seconds=5)
    assert str(row) == f"flush on {row.host}"


def test_a_process_leaves_one_every_few_seconds_at_most(django_assert_num_queries: Any) -> None:
    beat()

    with django_assert_num_queries(0):
        beat()


def test_later_signs_renew_the_row_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    beat("host:1:MainThread")
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    monkeypatch.setattr(heartbeat, "INTERVAL", 0)

    beat("host:2:MainThread")

    row = Heartbeat.objects.get()
    assert row.worker == "host:2:MainThread"
    assert timezone.now() - row.seen_at < timedelta(seconds=5)


def test_each_kind_of_worker_has_its_own() -> None:
    beat(kind=Trigger.FLUSH)
    beat(kind=Trigger.TASK)

    assert set(Heartbeat.objects.values_list("kind", flat=True)) == {"flush", "task"}


def test_a_flush_that_finds_nothing_is_a_sign_of_life_too() -> None:
    engine.flush(Run(Trigger.FLUSH))

    assert Heartbeat.objects.get().kind == Trigger.FLUSH


def test_hosts_that_are_silent_for_long_are_forgotten() -> None:
    beat()
    Heartbeat.objects.create(
        kind=Trigger.FLUSH,
        host="gone",
        worker="gone:1:MainThread",
        seen_at=timezone.now() - timedelta(days=31),
    )

    heartbeat.forget_old("default", timedelta(days=30))

    assert not Heartbeat.objects.filter(host="gone").exists()
    assert Heartbeat.objects.count() == 1


def test_a_sender_that_delivers_its_own_message_is_no_worker() -> None:
    beat(kind=Trigger.IMMEDIATE)

    assert not Heartbeat.objects.exists()
