"""How many hands send at the same time, and how they follow what is of use."""

from __future__ import annotations

import pytest

from djhipchat2.delivery.hands import CONTENT_SECONDS, PATIENT, Hands

PERIOD = 0.05


class Chat:
    """What hands find: a chat that answers after so long, and a processor that does so much."""

    def __init__(self, *, answer: float, work: float = 0.001, rooms: int = 1_000) -> None:
        self.answer, self.work, self.rooms = answer, work, rooms

    def meet(self, hands: Hands, periods: int) -> list[int]:
        """Let hands learn from the chat; return how many there were in each period."""
        numbers = []
        for _ in range(periods):
            numbers.append(hands.number)
            busy = min(hands.number, self.rooms)
            rate = min(busy / (self.answer + self.work), 1 / self.work)
            worked = rate * self.work
            hands.learn(
                messages=round(rate * PERIOD * 1_000),
                busy=busy * PERIOD,
                waited=(busy - worked) * PERIOD,
                worked=worked * PERIOD,
                elapsed=PERIOD,
            )
        return numbers


def test_a_worker_begins_with_one_hand() -> None:
    assert Hands(64).number == 1


def test_hands_double_while_nothing_comes_back() -> None:
    hands = Hands(6)
    numbers = []

    for _ in range(4):
        hands.wait()
        numbers.append(hands.number)

    assert numbers == [2, 4, 6, 6]


def test_hands_become_many_before_a_slow_chat() -> None:
    hands = Hands(64)

    Chat(answer=0.2).meet(hands, 40)

    assert hands.number == 64


def test_they_become_many_soon() -> None:
    hands = Hands(64)

    numbers = Chat(answer=0.05).meet(hands, 20)

    assert numbers[0] == 1
    assert hands.number > 20


def test_one_hand_is_left_before_a_chat_that_answers_at_once() -> None:
    hands = Hands(64)

    Chat(answer=0.0001).meet(hands, 100)

    assert hands.number == 1


def test_hands_become_few_when_the_processor_is_busy() -> None:
    hands = Hands(64)
    Chat(answer=0.2).meet(hands, 40)

    Chat(answer=0.0001).meet(hands, 100)

    assert hands.number < 3


def test_hands_that_find_nothing_to_do_become_fewer() -> None:
    hands = Hands(64)
    Chat(answer=0.2).meet(hands, 40)

    Chat(answer=0.2, rooms=10).meet(hands, 100)

    assert 10 <= hands.number < 14


def test_hands_do_not_grow_while_some_find_nothing_to_do() -> None:
    hands = Hands(64)
    hands.number = 16

    Chat(answer=0.05, rooms=15).meet(hands, 100)

    assert hands.number == 16


def test_hands_that_get_no_more_done_are_given_up() -> None:
    """Before a processor that others use, who waits for it seems to wait for the chat."""
    hands = Hands(64)

    def starve() -> None:
        hands.learn(messages=50, busy=0.05 * hands.number, waited=0.04, worked=0.01, elapsed=PERIOD)

    numbers = []
    for _ in range(round(CONTENT_SECONDS / PERIOD)):
        starve()
        numbers.append(hands.number)

    assert max(numbers) == 2
    assert sum(number > 1 for number in numbers) <= 4


def test_hands_that_were_given_up_are_tried_again_later() -> None:
    hands = Hands(64)
    for _ in range(10):
        hands.learn(messages=50, busy=0.05 * hands.number, waited=0.04, worked=0.01, elapsed=PERIOD)
    assert hands.number == 1

    Chat(answer=0.2).meet(hands, round(CONTENT_SECONDS / PERIOD) + 40)

    assert hands.number == 64


def test_a_chat_that_hangs_gets_more_hands_even_after_some_were_given_up() -> None:
    hands = Hands(64)
    for _ in range(10):
        hands.learn(messages=50, busy=0.05 * hands.number, waited=0.04, worked=0.01, elapsed=PERIOD)
    numbers = []

    for _ in range(PATIENT + 1):
        hands.wait()
        numbers.append(hands.number)

    assert numbers == [*[1] * (PATIENT - 1), 2, 4]


@pytest.mark.parametrize("number", [1, 4])
def test_one_hand_is_left_however_busy_the_process_is(number: int) -> None:
    hands = Hands(64)
    hands.number = number

    for _ in range(50):
        hands.learn(messages=1, busy=PERIOD, waited=0, worked=PERIOD, elapsed=PERIOD)

    assert hands.number == 1
