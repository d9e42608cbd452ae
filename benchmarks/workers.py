"""Several worker processes on one backlog, against one."""

from __future__ import annotations

from benchmarks.databases import Postgresql
from benchmarks.figures import Target, absolute, compared
from benchmarks.harness import Bench, Contender, Subject

PROCESSES = 4
ROOMS = 64
WORK = "benchmarks.work.workers:drain_together"
COUNT = "benchmarks.work.workers:count_statements"


def figures(bench: Bench) -> Subject:
    """Yield the rate of four processes against one, and the statements a message."""
    backlog = {"messages": bench.size(3_000, 20_000), "in_rooms": ROOMS}
    one = Contender("one process", WORK, {"processes": 1, **backlog})
    four = Contender(f"{PROCESSES} processes", WORK, {"processes": PROCESSES, **backlog})
    for database in bench.databases:
        on_postgresql = isinstance(database, Postgresql)
        if on_postgresql:
            samples = bench.in_turn([four, one], database, bench.instant, rounds=bench.rounds(3, 7))
            yield compared(
                f"drain, instant server, {PROCESSES} processes",
                database.vendor,
                samples[four.name],
                one.name,
                samples[one.name],
                target=Target(1.0),
            )
        for processes in (1, PROCESSES) if on_postgresql else (1,):
            counting = Contender("counting", COUNT, {"processes": processes, **backlog})
            sample = bench.turn(counting, database, bench.instant)
            yield absolute(
                f"statements a message, {processes} process{'es' * (processes > 1)}",
                database.vendor,
                [sample["statements"] / sample["count"]],
                "",
                Target(1.0, at_least=False),
            )
