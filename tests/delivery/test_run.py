from __future__ import annotations

import os
import time

import pytest

from djhipchat2.delivery.run import Run, Summary, worker_name
from djhipchat2.states import Trigger


def test_worker_name_says_which_process_and_thread() -> None:
    assert worker_name().endswith(f":{os.getpid()}:MainThread")
    assert len(worker_name()) <= 100


def test_a_run_without_limits_is_never_over() -> None:
    assert not Run(Trigger.FLUSH).over


def test_a_run_is_over_at_its_limit() -> None:
    run = Run(Trigger.FLUSH, limit=3, summary=Summary(sent=1, failed=1, retried=1))

    assert run.over
    assert run.at_most(16) == 0


def test_what_is_in_hand_counts_towards_the_limit() -> None:
    run = Run(Trigger.FLUSH, limit=5, summary=Summary(sent=1))

    assert run.at_most(16, in_hand=3) == 1
    assert Run(Trigger.FLUSH).at_most(16, in_hand=3) == 16


def test_a_run_is_over_when_asked_to_stop() -> None:
    assert Run(Trigger.FLUSH, stop=lambda: True).over


def test_a_run_starts_nothing_after_a_quarter_of_its_budget() -> None:
    assert Run(Trigger.IMMEDIATE, budget=10, started=time.monotonic() - 3).over
    assert not Run(Trigger.IMMEDIATE, budget=10, started=time.monotonic()).over


def test_an_attempt_gets_what_is_left_of_the_budget() -> None:
    run = Run(Trigger.IMMEDIATE, budget=10, started=time.monotonic() - 2)

    assert run.time_limit(10) == pytest.approx(8, abs=0.2)
    assert run.time_limit(5) == 5
    assert Run(Trigger.FLUSH).time_limit(30) == 30


def test_all_well_means_that_nothing_was_left() -> None:
    assert Summary(sent=5, recovered=1).all_well
    for name in ("failed", "retried", "expired", "skipped_rooms"):
        assert not Summary(**{name: 1}).all_well
