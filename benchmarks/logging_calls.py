"""What a log record costs the thread that logs, while the chat is down and the database slow."""

from __future__ import annotations

from benchmarks.figures import Target, absolute
from benchmarks.harness import Bench, Contender, Subject

WORK = "benchmarks.work.logging_calls:cost_of_records"
#: Nothing listens there.
DOWN = {"HIPCHAT_API_URL": "http://127.0.0.1:9"}
#: Records a second; 0: as fast as the thread can.
PACES = {"1,000 records/s": 1_000, "a burst": 0}
MEDIAN = Target(60, at_least=False)
P99 = Target(1_000, at_least=False)


def figures(bench: Bench) -> Subject:
    """Yield the median and the 99th percentile of one call, in microseconds."""
    records = bench.size(2_000, 8_000)
    for database in bench.databases:
        for pace, a_second in PACES.items():
            handlers = {
                name: Contender(
                    name,
                    WORK,
                    {"records": records, "a_second": a_second, "handler": name},
                    settings=DOWN,
                )
                for name in ("HipChatHandler", "NullHandler")
            }
            samples = bench.in_turn(
                list(handlers.values()), database, bench.instant, rounds=bench.rounds(3, 5)
            )
            for name, turns in samples.items():
                ours = name == "HipChatHandler"
                work = f"{name}, {pace}"
                for measure, target in (("median", MEDIAN), ("p99", P99)):
                    yield absolute(
                        f"{work}, {measure}",
                        database.vendor,
                        [turn[measure] for turn in turns],
                        "us",
                        target if ours else None,
                    )
