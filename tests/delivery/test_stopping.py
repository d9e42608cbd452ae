"""A worker is asked to stop by a signal, which may come at any moment."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType
from typing import Any

import pytest

from djhipchat2.delivery.stopping import Stop, stop_on

LONG = 60


def test_nobody_has_asked_at_first() -> None:
    assert not Stop().is_set()


def test_a_wait_ends_when_its_time_is_up() -> None:
    started = time.monotonic()

    Stop().wait(0.02)

    assert time.monotonic() - started >= 0.02


def test_a_wait_ends_when_somebody_asks() -> None:
    stop = Stop()
    threading.Timer(0.02, stop.set).start()

    stop.wait(LONG)

    assert stop.is_set()


def test_nothing_is_waited_for_once_somebody_has_asked() -> None:
    stop = Stop()
    stop.set()
    started = time.monotonic()

    for _ in range(3):
        stop.wait(LONG)

    assert time.monotonic() - started < LONG


@pytest.mark.timeout(LONG)
def test_asking_is_safe_at_each_step_of_a_wait_in_the_same_thread() -> None:
    stop, steps = Stop(), []

    # The interpreter reports nothing of what a profiler does, to coverage neither.
    def signal_comes(frame: FrameType, event: str, _argument: Any) -> None:  # pragma: no cover
        steps.append(event)
        sys.setprofile(None)
        stop.set()
        stop._is_set = False  # as if it were the first time, again
        sys.setprofile(signal_comes)

    sys.setprofile(signal_comes)
    try:
        stop.wait(0.02)
    finally:
        sys.setprofile(None)

    assert {"call", "c_call", "return"} <= set(steps)


def test_a_signal_sets_it() -> None:
    with stop_on(signal.SIGUSR1) as stop:
        signal.raise_signal(signal.SIGUSR1)

    assert stop.is_set()


def test_the_former_handler_comes_back() -> None:
    former = signal.getsignal(signal.SIGUSR1)

    with stop_on(signal.SIGUSR1):
        meanwhile = signal.getsignal(signal.SIGUSR1)

    assert signal.getsignal(signal.SIGUSR1) == former != meanwhile


def test_a_second_interrupt_interrupts_at_once() -> None:
    with stop_on(signal.SIGINT) as stop:
        signal.raise_signal(signal.SIGINT)
        asked = stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)

    assert asked
