"""Past one machine: costs measured here, a simulation with them, and its first points for real."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from statistics import median

from benchmarks.databases import Postgresql
from benchmarks.figures import Sample, absolute, compared
from benchmarks.harness import Bench, Contender, Subject, WorkFailed
from benchmarks.simulate import ROOMS, WORKERS, report
from benchmarks.simulation import Costs, Plan, simulate

WORK = "benchmarks.work.scaling"
MEASURED_ROOMS = 64
MESSAGES_A_ROOM = 40
BROKERS = {
    "Redis": os.environ.get("HIPCHAT_BENCH_BROKER", "redis://127.0.0.1:6379/14"),
    "RabbitMQ": os.environ.get("HIPCHAT_BENCH_RABBITMQ", "amqp://guest:guest@127.0.0.1:5672//"),
}


def figures(bench: Bench) -> Subject:
    """Yield costs, and the real rate of one to four workers against the simulated one."""
    yield from _brokers(bench)
    for database in bench.databases:
        if not isinstance(database, Postgresql):
            continue
        costs, threads = _measure(bench, database)
        for name, value in asdict(costs).items():
            seconds = not name.endswith("statements")
            yield absolute(
                f"cost: {name.replace('_', ' ')}",
                database.vendor,
                [value * 1000 if seconds else value],
                "ms" if seconds else "",
            )
        print(f"costs: {json.dumps(asdict(costs))}", file=sys.stderr)
        yield from _real_workers(bench, database, costs, threads)
        largest = bench.size(100_000, 1_000_000)
        plans = [
            Plan(rooms, workers, threads)
            for rooms in ROOMS
            if rooms <= largest
            for workers in WORKERS
        ]
        for line in report(simulate(plan, costs) for plan in plans):
            print(line, flush=True)


def _measure(bench: Bench, database: Postgresql) -> tuple[Costs, int]:
    """Return the costs, from drains of few and of many messages a room, and the threads in use."""
    small = Contender(
        "small",
        f"{WORK}:cost_of_drain",
        {"messages": MEASURED_ROOMS, "in_rooms": MEASURED_ROOMS},
    )
    large = small.doing(messages=MEASURED_ROOMS * MESSAGES_A_ROOM)
    few, many = [], []
    for _ in range(bench.rounds(3, 7)):
        few.append(bench.turn(small, database, bench.instant))
        many.append(bench.turn(large, database, bench.instant))
    seconds = _split(few, many, "seconds")
    cpu = _split(few, many, "cpu_seconds")
    statements = _split(few, many, "statements")
    asked = sum(sample["statements"] for sample in few + many)
    database_cpu = sum(sample["database_cpu"] for sample in few + many) / asked
    threads = bench.turn(
        Contender(
            "threads",
            "benchmarks.work.outbox:drain",
            {"messages": MEASURED_ROOMS * MESSAGES_A_ROOM, "in_rooms": MEASURED_ROOMS},
        ),
        database,
        bench.slow,
    )["at_once"]
    return Costs(*seconds, *cpu, *statements, database_cpu), threads


def _split(few: list[Sample], many: list[Sample], key: str) -> tuple[float, float]:
    """Return what a visit and what a message costs, given one and many messages a visit."""
    one = median(sample[key] for sample in few) / MEASURED_ROOMS
    all_ = median(sample[key] for sample in many) / MEASURED_ROOMS
    message = max((all_ - one) / (MESSAGES_A_ROOM - 1), 0.0)
    return max(one - message, 0.0), message


def _real_workers(bench: Bench, database: Postgresql, costs: Costs, threads: int) -> Subject:
    backlog = bench.size(4, 20)
    rooms = bench.size(50, 200)
    for workers in (1, 2, 4):
        real = Contender(
            "real",
            "benchmarks.work.workers:drain_together",
            {"processes": workers, "messages": rooms * backlog, "in_rooms": rooms},
        )
        turns = [bench.turn(real, database, bench.slow) for _ in range(bench.rounds(2, 5))]
        plan = Plan(
            rooms,
            workers,
            threads,
            backlog=backlog,
            answer_seconds=bench.slow.delay,
            shared_cores=os.cpu_count() or 1,
            limited=False,
        )
        outcome = simulate(plan, costs)
        simulated = {"count": outcome.messages, "seconds": outcome.seconds}
        work = f"{rooms} rooms, 50 ms server, {workers} worker{'s' * (workers > 1)}"
        yield compared(work, database.vendor, turns, "simulated", [simulated] * len(turns))


def _brokers(bench: Bench) -> Subject:
    for name, broker in BROKERS.items():
        publishing = Contender(
            name,
            f"{WORK}:publish",
            {"broker": broker, "messages": bench.size(2_000, 20_000)},
            package="kombu",
        )
        try:
            sample = bench.turn(publishing, bench.databases[0], bench.instant, name="unused")
        except WorkFailed:
            print(f"Left out: no {name}.", file=sys.stderr)
            continue
        yield absolute(
            f"{name}, tasks published by one process",
            "",
            [sample["count"] / sample["published"]],
            "/s",
        )
