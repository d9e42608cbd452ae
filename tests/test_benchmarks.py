"""The benchmarks' own parts work: contenders take turns, figures are judged, time is simulated."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.chat import serving
from benchmarks.contenders import OURS, REQUESTS
from benchmarks.databases import databases
from benchmarks.figures import Figure, Target, absolute, compared
from benchmarks.harness import Bench, Contender, WorkFailed
from benchmarks.simulation import Costs, Plan, simulate
from benchmarks.table import table

pytestmark = pytest.mark.once

SCRIPT = Path(benchmarks.__file__).with_name("admin_at_scale.py")
#: What nothing but the simulated waits and limits shows through.
COSTS = Costs(
    visit_seconds=0.02,
    message_seconds=0.001,
    visit_cpu=0.01,
    message_cpu=0.001,
    visit_statements=12,
    message_statements=1,
    statement_cpu=0.0001,
)


def test_contenders_take_turns_and_deliver_what_they_say() -> None:
    contenders = [OURS.doing(messages=20, in_rooms=4), REQUESTS.doing(messages=20)]

    with databases(["sqlite"]) as (sqlite,), serving() as chat:
        bench = Bench([sqlite], chat, chat)
        samples = bench.in_turn(contenders, sqlite, chat, rounds=2)
        bench.close()

    assert [len(samples[contender.name]) for contender in contenders] == [2, 2]
    for sample in samples[OURS.name] + samples[REQUESTS.name]:
        assert sample["count"] == 20
        assert sample["seconds"] > 0


def test_work_that_fails_says_why() -> None:
    lost = Contender("lost", "benchmarks.work.outbox:drain", {"messages": 2, "in_rooms": 2})

    with databases(["sqlite"]) as (sqlite,), serving() as chat:
        bench = Bench([sqlite], chat, chat)
        with pytest.raises(WorkFailed, match="no such table"), sqlite.fresh() as unmigrated:
            bench.turn(lost, sqlite, chat, name=unmigrated)


def test_who_is_not_installed_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    absent = replace(OURS, name="nobody", package="no_such_package")

    with databases(["sqlite"]) as (sqlite,), serving() as chat:
        samples = Bench([sqlite], chat, chat).in_turn([absent], sqlite, chat, rounds=1)

    assert samples == {}
    assert "nobody" in capsys.readouterr().err


def test_a_run_prints_one_table_and_writes_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--quick", "--rounds", "1", "--only", "starting", "--database", "sqlite"]

    figures = benchmarks.main([*arguments, "--results", str(tmp_path)])

    (path,) = tmp_path.iterdir()
    written = json.loads(path.read_text(encoding="utf-8"))
    assert [figure["work"] for figure in written["figures"]] == [f.work for f in figures]
    assert written["machine"]["python"]
    assert table(figures) in capsys.readouterr().out


def test_a_figure_is_the_median_ratio_of_turns_taken_together() -> None:
    ours = [{"seconds": 1, "count": count} for count in (10, 40, 60)]
    theirs = [{"seconds": 1, "count": count} for count in (10, 10, 20)]

    figure = compared("drain", "sqlite", ours, "peer", theirs, target=Target(2))

    assert (figure.value, figure.lowest, figure.highest) == (median([1, 4, 3]), 1, 4)
    assert figure.verdict == "ok"


@pytest.mark.parametrize(
    ("value", "target", "verdict"),
    [
        (0.99, Target(1), "short"),
        (1.0, Target(1), "ok"),
        (61.0, Target(60, at_least=False), "short"),
        (60.0, Target(60, at_least=False), "ok"),
        (60.0, None, ""),
    ],
)
def test_a_figure_is_judged_by_its_target(
    value: float, target: Target | None, verdict: str
) -> None:
    figure = absolute("log", "sqlite", [value], "us", target)

    assert figure.verdict == verdict


def test_the_table_shows_a_figure_without_a_peer_and_one_with() -> None:
    figures = [
        Figure("drain", "sqlite", "/s", 1234.5, "peer", 10.0, 123.45, 100.0, 150.0, Target(1)),
        Figure("memory", "", "MB", 54.32, "", None, 54.32, 54.0, 55.0),
    ]

    lines = table(figures).splitlines()

    assert lines[2].split() == [
        "drain",
        "sqlite",
        "1,234/s",
        "peer",
        "10.0/s",
        "123",
        "100",
        "-",
        "150",
        ">=",
        "1",
        "ok",
    ]
    assert " ".join(lines[3].split()) == "memory 54.3 MB 54.0 - 55.0"


def test_a_simulated_room_keeps_the_rooms_limit() -> None:
    outcome = simulate(Plan(rooms=1, workers=1, backlog=31), COSTS)

    assert 60 < outcome.seconds < 62
    assert outcome.bound == "HipChat's limits"


def test_simulated_rooms_of_a_token_keep_its_limit() -> None:
    within = simulate(Plan(rooms=25, workers=25, backlog=20, rooms_a_token=25), COSTS)
    beyond = simulate(Plan(rooms=26, workers=26, backlog=20, rooms_a_token=26), COSTS)

    assert within.seconds < 60
    assert 300 < beyond.seconds < 310


def test_more_simulated_workers_help_until_the_database_is_busy() -> None:
    costs = replace(COSTS, statement_cpu=0.003)
    plans = [
        Plan(rooms=200, workers=n, backlog=5, database_cores=1, limited=False) for n in (1, 2, 64)
    ]

    one, two, many = (simulate(plan, costs) for plan in plans)

    assert one.bound == "threads"
    assert two.rate > 1.8 * one.rate
    assert many.bound == "database"


def test_simulated_workers_share_the_processors_of_one_machine() -> None:
    costs = replace(COSTS, message_cpu=0.05)
    plans = [
        Plan(rooms=200, workers=8, backlog=5, answer_seconds=0, shared_cores=n, limited=False)
        for n in (1, 2)
    ]

    one, two = (simulate(plan, costs) for plan in plans)

    assert one.bound == "machine"
    assert 1.8 < two.rate / one.rate < 2.2


def test_each_page_of_the_admin_answers_with_few_queries(tmp_path: Path) -> None:
    saved = tmp_path / "pages.json"
    size = ["--messages", "6000", "--attempts", "6000", "--rooms", "60", "--calls", "1"]
    files = ["--folder", str(tmp_path), "--save", str(saved)]

    subprocess.run([sys.executable, SCRIPT, "--database", "sqlite", *size, *files], check=True)

    pages = json.loads(saved.read_text(encoding="utf-8"))["pages"]
    queries = {name: number for name, (_milliseconds, number) in pages.items()}
    assert {name: number for name, number in queries.items() if number >= 20} == {}
    assert {"messages", "search in vain", "a message", "rooms", "transcript"} <= set(queries)
