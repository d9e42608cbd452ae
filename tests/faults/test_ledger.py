"""The suite's own judgement: what it would say if something were wrong."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from djhipchat2.states import Status
from tests.faults.conftest import TALLY, pytest_terminal_summary
from tests.faults.ledger import Arrival, Entry, audit, text_of
from tests.faults.tally import Tally

FIRST, SECOND = text_of("a", 1), text_of("a", 2)


def entry(
    text: str = FIRST,
    status: str = "sent",
    outcomes: tuple[str, ...] = ("accepted",),
    error: str = "",
) -> Entry:
    return Entry(text, "Ops", status, error, outcomes)


def arrived(*texts: str, room: str = "Ops") -> list[Arrival]:
    return [Arrival(text, room) for text in texts]


def test_what_arrived_once_is_without_fault() -> None:
    result = audit([entry(), entry(SECOND)], arrived(FIRST, SECOND), confirmed={FIRST})

    assert result == Tally(accepted=2, delivered=2)
    assert result.faultless


@pytest.mark.parametrize(
    "row",
    [entry(), entry(status="failed", outcomes=("rejected",))],
    ids=["sent and not arrived", "failed without a reason"],
)
def test_a_row_that_does_not_say_what_became_of_it_is_lost(row: Entry) -> None:
    assert audit([row], []).lost == 1


def test_a_row_that_its_sender_remembers_and_nobody_else_is_lost() -> None:
    assert audit([], [], confirmed={FIRST}).lost == 1


@pytest.mark.parametrize("status", ["queued", "sending"])
def test_a_row_that_comes_to_no_end_is_in_limbo(status: str) -> None:
    assert audit([entry(status=status, outcomes=())], []).limbo == 1


@pytest.mark.parametrize(
    ("status", "error"), [("failed", "no such room"), ("expired", ""), ("cancelled", "")]
)
def test_a_row_that_ended_otherwise_is_not_lost(status: str, error: str) -> None:
    result = audit([entry(status=status, error=error, outcomes=())], [])

    assert (result.failed, result.lost) == (1, 0)


def test_a_repeat_that_an_unknown_outcome_explains_is_no_fault() -> None:
    result = audit([entry(outcomes=("unknown", "accepted"))], arrived(FIRST, FIRST))

    assert (result.repeated, result.unexplained) == (1, 0)


@pytest.mark.parametrize("outcomes", [("accepted",), ("unavailable", "accepted")])
def test_a_repeat_that_no_attempt_explains_is_a_fault(outcomes: tuple[str, ...]) -> None:
    result = audit([entry(outcomes=outcomes)], arrived(FIRST, FIRST))

    assert (result.repeated, result.unexplained) == (1, 1)


def test_a_row_that_is_being_sent_may_have_arrived() -> None:
    assert audit([entry(status=Status.SENDING, outcomes=())], arrived(FIRST)).unexplained == 0


def test_what_was_rolled_back_must_not_arrive() -> None:
    assert audit([], arrived(FIRST), rolled_back={FIRST, SECOND}).ghosts == 1


def test_first_arrivals_of_a_room_that_go_backwards_are_out_of_order() -> None:
    rows = [entry(), entry(SECOND)]

    assert audit(rows, arrived(SECOND, FIRST)).disordered == 1
    assert audit(rows, arrived(FIRST, SECOND, FIRST)).disordered == 0


def test_there_is_no_order_between_rooms_or_streams() -> None:
    other = text_of("b", 1)

    assert audit(
        [entry(), entry(SECOND)], [*arrived(SECOND), *arrived(FIRST, room="Dev")]
    ).faultless
    assert audit([entry(SECOND), entry(other)], arrived(other, SECOND)).faultless


def test_a_message_that_failed_at_first_may_give_way_unless_it_is_tried_again_at_once() -> None:
    rows = [entry(outcomes=("unavailable", "accepted")), entry(SECOND)]

    assert audit(rows, arrived(SECOND, FIRST)).disordered == 0
    assert audit(rows, arrived(SECOND, FIRST), every_first=True).disordered == 1


@pytest.mark.parametrize(
    "name", ["unexplained", "lost", "limbo", "ghosts", "disordered", "gave_up"]
)
def test_each_number_that_has_to_be_zero_is_a_fault(name: str) -> None:
    assert not Tally(**{name: 1}).faultless


def test_a_tally_shows_each_of_its_numbers() -> None:
    tally = Tally(**{field.name: 1000 + index for index, field in enumerate(fields(Tally))})

    shown = "\n".join(tally.lines())

    assert all(f"1,{index:03}" in shown for index in range(len(fields(Tally))))


def test_tallies_add_up() -> None:
    tally = Tally(kills=1)
    was_empty = Tally().is_empty

    tally.add(Tally(kills=2, lost=1))

    assert tally == Tally(kills=3, lost=1)
    assert (was_empty, tally.is_empty) == (True, False)


class Screen:
    """What a run of the suite writes at its end."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str) -> None:
        self.lines.append(title)

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def summary_of(tally: Tally | None) -> list[str]:
    """Return what is written at the end of a run with a tally, or without one."""
    config: Any = SimpleNamespace(stash=pytest.Stash())
    if tally is not None:
        config.stash[TALLY] = tally
    screen: Any = Screen()
    pytest_terminal_summary(screen, config)
    return list(screen.lines)


def test_a_run_tells_at_its_end_what_it_broke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "faults.json"
    monkeypatch.setenv("HIPCHAT_FAULTS_REPORT", str(report))

    lines = summary_of(Tally(kills=7))

    assert lines == ["faults", *Tally(kills=7).lines()]
    assert json.loads(report.read_text())["kills"] == 7


def test_a_run_that_broke_nothing_tells_nothing() -> None:
    assert summary_of(None) == []
