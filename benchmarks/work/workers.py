"""Worker processes that start together on one backlog."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.work.outbox import fill, flush, require_all_sent
from benchmarks.work.statements import counting
from benchmarks.work.timing import delivered, settle

READY = "ready"


def drain_together(*, processes: int, messages: int, in_rooms: int) -> dict[str, Any]:
    """Have so many processes deliver a backlog."""
    return _drain(processes, messages, in_rooms, count=False)


def count_statements(*, processes: int, messages: int, in_rooms: int) -> dict[str, Any]:
    """Have so many processes deliver a backlog and count what they ask of the database."""
    return _drain(processes, messages, in_rooms, count=True)


def work_when_told(*, count: bool) -> dict[str, Any]:
    """Be one of the processes: say that it is ready, wait for a line, deliver what is due."""
    flush()  # what a worker does once in its life
    print(READY, flush=True)
    sys.stdin.readline()
    if not count:
        flush()
        return {}
    with counting() as counter:
        flush()
    return {"statements": counter.statements}


def _drain(processes: int, messages: int, in_rooms: int, *, count: bool) -> dict[str, Any]:
    fill(in_rooms, in_rooms)
    flush()
    command = [sys.executable, "-m", "benchmarks.one", f"{__name__}:work_when_told"]
    workers = [
        subprocess.Popen(
            [*command, json.dumps({"count": count})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for worker in workers:
        _read(worker, READY)
    fill(messages, in_rooms)
    settle()
    printed: list[str] = []

    def work() -> None:
        for worker in workers:
            _tell(worker)
        printed.extend(worker.communicate()[0] for worker in workers)

    measured = delivered(work, messages)
    require_all_sent(messages + in_rooms)
    found = [json.loads(text.splitlines()[-1]) for text in printed]
    return {**measured, "statements": sum(one.get("statements", 0) for one in found)}


def _read(worker: subprocess.Popen[str], wanted: str) -> None:
    assert worker.stdout is not None
    if (line := worker.stdout.readline().strip()) != wanted:
        message = f"A worker said {line!r}."
        raise RuntimeError(message)


def _tell(worker: subprocess.Popen[str]) -> None:
    assert worker.stdin is not None
    worker.stdin.write("go\n")
    worker.stdin.flush()
