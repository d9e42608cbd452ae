"""``make soak`` itself: each blow once, its report, and its end."""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from tests.faults import soak
from tests.faults.crew import Member, runs
from tests.faults.databases import kind_of_run
from tests.faults.havoc import Site
from tests.faults.tally import Tally
from tests.processes import ROOT
from tests.waiting import wait_until

SOAK = [sys.executable, "-m", "tests.faults.soak", "--database", kind_of_run(), "--minutes", "0"]
HAPPENED = {"accepted": 9, "delivered": 9, "kills": 2, "restarts": 1}
OPTIONS = argparse.Namespace(database="sqlite", broker="none", seed=7, minutes=1.0)


@pytest.fixture
def started() -> Any:
    """Start a soak of the database of this run."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*SOAK, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.terminate()  # it stops what it has started
        process.communicate()


@pytest.mark.timeout(300)
@pytest.mark.servers
@pytest.mark.django_db  # runs with each kind of database
def test_each_blow_once_loses_nothing(started: Callable[..., Any], tally: Tally) -> None:
    process = started("--seed", "7", "--broker", "redis")

    out, _ = process.communicate(timeout=280)

    assert process.returncode == 0, out
    assert f"{kind_of_run()}, broker redis, seed 7" in out
    assert "Everything is accounted for." in out
    numbers = {line[:30].strip(): int(line[30:].replace(",", "")) for line in rows(out)}
    assert numbers["kills"] == 6
    assert numbers["restarts"] == 4
    assert numbers["lost (0)"] == numbers["left in limbo (0)"] == 0
    tally.kills += numbers["kills"]
    tally.restarts += numbers["restarts"]


def rows(out: str) -> list[str]:
    """Return the lines of the table in a report."""
    names = {line[:30] for line in Tally().lines()}
    return [line for line in out.splitlines() if line[:30] in names]


def test_ctrl_c_stops_everything_that_was_started(started: Callable[..., Any]) -> None:
    process = started("--broker", "none", "--seed", "7")
    parent = psutil.Process(process.pid)
    wait_until(lambda: len(parent.children(recursive=True)) >= 6, seconds=60)
    children = [child.pid for child in parent.children(recursive=True)]

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)

    assert process.returncode == soak.INTERRUPTED
    assert "Interrupted" in out
    assert [pid for pid in children if runs(pid)] == []


STRAGGLER = """
import subprocess
from tests.faults.soak import kill_stragglers

child = subprocess.Popen(["sleep", "600"])
kill_stragglers()
print(child.wait())
"""


def test_what_was_started_and_not_noted_yet_is_killed() -> None:
    command = [sys.executable, "-c", STRAGGLER]

    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)

    assert out.stdout.split() == [str(-signal.SIGKILL)]


@pytest.mark.parametrize(
    ("tally", "code", "words"),
    [
        (Tally(**HAPPENED), 0, "Everything is accounted for."),
        (Tally(**HAPPENED, lost=1), 1, "This must not happen."),
        (Tally(**HAPPENED, disordered=1), 1, "This must not happen."),
        (Tally(**{**HAPPENED, "kills": 0}), 1, "Nothing happened"),
        (Tally(), 1, "Nothing happened"),
    ],
)
def test_the_exit_code_says_whether_all_is_well(
    capsys: pytest.CaptureFixture[str], tally: Tally, code: int, words: str
) -> None:
    assert soak.report(OPTIONS, tally, 60) == code
    out = capsys.readouterr().out
    assert words in out
    assert "sqlite, broker none, seed 7, 1.0 minutes" in out


def test_a_process_that_gives_up_is_told_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.txt"
    log.write_text("what went wrong")
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    stub: Any = SimpleNamespace(tally=Tally())
    none: Any = None
    site = Site(stub, none, none, none, None, None, random.Random(1))
    site.senders = [Member(process, log)]

    site.bury()

    assert stub.tally.gave_up == 1
    assert site.senders == []
    assert "what went wrong" in capsys.readouterr().out


class Stuck:
    """An outbox from which one of two messages never goes."""

    drained = False

    def __init__(self) -> None:
        self.left = iter([2, 2, 1, 1, 1])

    @property
    def unfinished(self) -> int:
        return next(self.left)


@pytest.mark.django_db
def test_what_stands_still_is_explained_and_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(soak, "STANDSTILL", 0)
    stuck: Any = Stuck()

    soak.come_to_rest(stuck)

    assert list(stuck.left) == []
    assert "queued" in capsys.readouterr().out


def test_a_seed_is_chosen_where_none_is_given() -> None:
    assert 0 <= soak.parse([]).seed < 1_000_000
    assert soak.parse(["--seed", "5"]).seed == 5


@pytest.mark.parametrize("value", ["-1", "soon", "1e9"])
def test_a_wrong_number_of_minutes_is_told(capsys: pytest.CaptureFixture[str], value: str) -> None:
    with pytest.raises(SystemExit):
        soak.parse([f"--minutes={value}"])

    assert f"{value!r} is not a number of minutes from 0 to" in capsys.readouterr().err
