"""
Simulate many rooms and workers under HipChat's limits: ``python -m benchmarks.simulate``.

``--costs`` takes what ``make bench ONLY=scaling`` has measured, as JSON; without it the costs are
those of docs/scaling.rst.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from itertools import product

from benchmarks.simulation import Costs, Outcome, Plan, simulate

ROOMS = (1_000, 10_000, 100_000, 1_000_000)
WORKERS = (1, 4, 16, 64)


def main(arguments: list[str] | None = None) -> None:
    """Simulate what the arguments say and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    parser.add_argument("--rooms", type=int, nargs="+", default=ROOMS)
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--threads", type=int, default=1, help="Rooms in hand at once, a worker.")
    parser.add_argument("--backlog", type=int, default=60, help="Messages in each room.")
    parser.add_argument("--answer", type=float, default=0.05, help="Seconds of the chat server.")
    parser.add_argument("--database-cores", type=int, default=8)
    parser.add_argument("--costs", type=json.loads, default={}, help="Measured costs, as JSON.")
    options = parser.parse_args(arguments)
    costs = Costs(**options.costs)
    plans = [
        Plan(
            rooms,
            workers,
            threads=options.threads,
            backlog=options.backlog,
            answer_seconds=options.answer,
            database_cores=options.database_cores,
        )
        for rooms, workers in product(options.rooms, options.workers)
    ]
    for line in report(simulate(plan, costs) for plan in plans):
        print(line, flush=True)


def report(outcomes: Iterator[Outcome]) -> Iterator[str]:
    """Yield the lines of a table, each as soon as it is known."""
    yield (
        f"{'rooms':>9}  {'workers':>7}  {'messages':>10}  {'drained in':>10}  {'messages/s':>10}  "
        f"{'statements/s':>12}  {'database busy':>13}  bound"
    )
    for one in outcomes:
        yield (
            f"{one.plan.rooms:9,}  {one.plan.workers:7}  {one.messages:10,}  "
            f"{_duration(one.seconds):>10}  {one.rate:10,.0f}  {one.statements_a_second:12,.0f}  "
            f"{one.busy['database']:13.0%}  {one.bound}"
        )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"


if __name__ == "__main__":
    main()
