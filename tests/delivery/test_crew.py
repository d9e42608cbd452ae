"""Who delivers windows: how many at a time, how many wait, and which come back together."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from djhipchat2.delivery import crew
from djhipchat2.delivery.crew import Crew
from djhipchat2.delivery.pace import WINDOW_SECONDS

SECONDS = 20.0


class Window:
    """A window that is delivered when the test lets it, or at once."""

    def __init__(self, *, waits: bool = True) -> None:
        self.seconds = WINDOW_SECONDS
        self.worked = 0.0
        self.tried = 1
        self.begun = threading.Event()
        self.may_end = threading.Event()
        if not waits:
            self.may_end.set()

    def deliver(self, time_limit: Any, stop: Any) -> None:
        self.begun.set()
        assert self.may_end.wait(SECONDS)


class Many:
    """Windows that are handed over to a crew, and let go at the end."""

    def __init__(self) -> None:
        self.windows: list[Window] = []

    def hand_over(self, to: Crew, number: int = 1, *, waits: bool = True) -> list[Window]:
        new: list[Any] = [Window(waits=waits) for _ in range(number)]
        self.windows += new
        for window in new:
            to.hand_over(window, lambda usual: usual, lambda: False)
        return new


@pytest.fixture
def many() -> Iterator[Many]:
    many = Many()
    yield many
    for window in many.windows:
        window.may_end.set()


def finished(by: Crew, number: int) -> list[Any]:
    """Return so many windows that came back, however often that has to be asked."""
    until = time.monotonic() + SECONDS
    windows: list[Any] = []
    while len(windows) < number and time.monotonic() < until:
        windows += by.finished()
    return windows


def test_without_a_thread_a_window_is_delivered_while_it_is_handed_over(many: Many) -> None:
    with Crew(1) as alone:
        [window] = many.hand_over(alone, waits=False)

        assert window.begun.is_set()
        assert (alone.under_way, alone.free) == (1, 0)
        assert alone.finished() == [window]
        assert (alone.under_way, alone.free) == (0, 1)


def test_a_window_is_marked_ahead_while_another_is_delivered(many: Many) -> None:
    with Crew(4) as two:
        first, second = many.hand_over(two, 2)

        assert first.begun.wait(SECONDS)
        assert two.free == 0
        assert not second.begun.is_set()

        first.may_end.set()
        assert second.begun.wait(SECONDS)
        second.may_end.set()


def test_more_hands_are_taken_while_nothing_comes_back(many: Many) -> None:
    with Crew(4) as hands:
        first, second = many.hand_over(hands, 2)

        assert hands.finished() == []

        assert first.begun.wait(SECONDS)
        assert second.begun.wait(SECONDS)
        first.may_end.set()
        second.may_end.set()


def test_a_slow_chat_needs_few_windows_marked_ahead(many: Many) -> None:
    def ahead(seconds: float) -> int:
        with Crew(64) as hands:
            for _ in range(30):
                [window] = many.hand_over(hands, waits=False)
                window.seconds = seconds
                finished(hands, 1)
            hands._hands.number = 64
            return hands.free - 64

    assert [ahead(0.001), ahead(0.2), ahead(2.0)] == [32, 9, 1]


def test_windows_of_many_hands_come_back_together(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "GATHERING_SECONDS", SECONDS)
    with Crew(64) as hands:
        hands._hands.number = 60
        windows = many.hand_over(hands, 60)
        for window in windows[:9]:
            window.may_end.set()

        threading.Timer(0.05, windows[9].may_end.set).start()

        assert len(hands.finished()) == 10
        for window in windows:
            window.may_end.set()


def test_a_window_does_not_wait_long_for_others(
    many: Many, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "GATHERING_SECONDS", 0.001)
    with Crew(64) as hands:
        hands._hands.number = 60
        windows = many.hand_over(hands, 60)
        windows[0].may_end.set()

        assert hands.finished() == windows[:1]
        for window in windows:
            window.may_end.set()


def test_hands_that_are_too_many_stop(many: Many) -> None:
    with Crew(4) as hands:
        hands._hands.number = 2
        first, second, third = many.hand_over(hands, 3)
        assert first.begun.wait(SECONDS)
        assert second.begun.wait(SECONDS)
        hands._hands.number = 1

        first.may_end.set()
        finished(hands, 1)
        assert not third.begun.is_set()
        second.may_end.set()

        assert third.begun.wait(SECONDS)
        third.may_end.set()


def test_what_waits_is_dropped_when_the_crew_is_dismissed_for_an_error(many: Many) -> None:
    hands = Crew(2)
    first, second = many.hand_over(hands, 2)
    assert first.begun.wait(SECONDS)

    hands.__exit__(ValueError, ValueError(), None)
    first.may_end.set()

    assert hands._done.get(timeout=SECONDS) is first
    assert not second.begun.wait(0.05)
