from __future__ import annotations

import pytest

from djhipchat2.delivery.pace import WINDOW_LARGEST, Hands, Pace


def test_pace_starts_with_one_message() -> None:
    assert Pace().size == 1


def test_pace_doubles_while_the_server_is_fast() -> None:
    pace = Pace()
    sizes = []

    for _ in range(6):
        pace.learn(seconds=0.001 * pace.size, messages=pace.size)
        sizes.append(pace.size)

    assert sizes == [2, 4, 8, 16, 32, 50]


def test_pace_has_an_upper_limit() -> None:
    pace = Pace()

    for _ in range(20):
        pace.learn(seconds=0, messages=1)

    assert pace.size == WINDOW_LARGEST


def test_pace_falls_to_what_fits_the_window() -> None:
    pace = Pace()
    pace.size = 16

    pace.learn(seconds=0.16, messages=16)

    assert pace.size == 5


def test_pace_is_one_message_when_the_server_is_slow() -> None:
    pace = Pace()
    pace.size = 16

    pace.learn(seconds=2, messages=16)

    assert pace.size == 1


def test_a_worker_begins_with_one_hand() -> None:
    assert Hands(64).number == 1


def test_hands_double_while_nothing_comes_back() -> None:
    hands = Hands(6)
    numbers = []

    for _ in range(4):
        hands.wait()
        numbers.append(hands.number)

    assert numbers == [2, 4, 6, 6]


@pytest.mark.parametrize(
    ("waited", "worked", "expected"),
    [
        (4.0, 0.1, 8),  # the chat is slow
        (0.6, 0.1, 6),  # more would find nothing to wait for
        (0.1, 0.5, 4),  # the chat is fast
        (4.0, 0.85, 4),  # nearly a whole core is in use
        (4.0, 0.95, 3),  # they wait for the interpreter
    ],
)
def test_hands_follow_what_they_wait_for(waited: float, worked: float, expected: int) -> None:
    hands = Hands(64)
    hands.number = 4

    hands.learn(waited=waited, worked=worked, elapsed=1.0)

    assert hands.number == expected


def test_one_hand_is_left_however_busy_the_process_is() -> None:
    hands = Hands(64)

    hands.learn(waited=0, worked=1, elapsed=1)

    assert hands.number == 1
