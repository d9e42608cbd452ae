from __future__ import annotations

import pytest

from djhipchat2.delivery import pace
from djhipchat2.delivery.pace import (
    WINDOW_LARGEST,
    Pace,
    Paces,
)


def test_pace_starts_with_one_message() -> None:
    assert Pace().size == 1


def test_pace_doubles_while_the_server_is_fast() -> None:
    its = Pace()
    sizes = []

    for _ in range(6):
        its.learn(seconds=0.001 * its.size, messages=its.size)
        sizes.append(its.size)

    assert sizes == [2, 4, 8, 16, 32, 40]


def test_pace_has_an_upper_limit() -> None:
    its = Pace()

    for _ in range(20):
        its.learn(seconds=0, messages=1)

    assert its.size == WINDOW_LARGEST


def test_pace_falls_to_what_fits_the_window() -> None:
    its = Pace()
    its.size = 16

    its.learn(seconds=0.16, messages=16)

    assert its.size == 4


def test_pace_is_one_message_when_the_server_is_slow() -> None:
    its = Pace()
    its.size = 16

    its.learn(seconds=2, messages=16)

    assert its.size == 1


def test_a_pace_outlasts_the_run_that_learnt_it() -> None:
    paces = Paces()

    paces.learn("ops", seconds=0.001, messages=1)

    assert (paces["ops"].size, paces["dev"].size, paces.largest) == (2, 1, 2)


def test_a_pace_is_forgotten_when_it_was_not_met_with_lately(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paces = Paces()
    paces.learn("ops", seconds=0.001, messages=1)

    monkeypatch.setattr(pace, "REMEMBERED_SECONDS", -1)

    assert (paces["ops"].size, paces.largest) == (1, 1)
