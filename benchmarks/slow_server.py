"""Draining a backlog, one process, defaults, while the server takes its time."""

from __future__ import annotations

from benchmarks import contenders as who
from benchmarks.figures import Sample, Target, compared
from benchmarks.harness import Bench, Subject

ROOMS = 64


def figures(bench: Bench) -> Subject:
    """Yield the drain rate against post_office, and against what the threads in use allow."""
    delay = bench.slow.delay
    work = f"drain, {delay * 1000:.0f} ms server, {ROOMS} rooms"
    backlog = {"messages": bench.size(ROOMS * 20, ROOMS * 80), "in_rooms": ROOMS}
    outboxes = [who.OURS, who.POST_OFFICE, who.POST_OFFICE_SLOW]
    for database in bench.databases:
        samples = bench.in_turn(
            [contender.doing(**backlog) for contender in outboxes],
            database,
            bench.slow,
            rounds=bench.rounds(3, 5),
        )
        ours = samples.pop(who.OURS.name)
        for name, theirs in samples.items():
            target = Target(8) if name == who.POST_OFFICE.name else None
            yield compared(work, database.vendor, ours, name, theirs, target=target)
        allowed = [allowed_by_threads(sample, delay) for sample in ours]
        threads = max(sample["at_once"] for sample in ours)
        yield compared(
            work,
            database.vendor,
            ours,
            f"{threads} threads / answer time",
            allowed,
            target=Target(0.9),
        )


def allowed_by_threads(sample: Sample, delay: float) -> Sample:
    """Return the turn of a worker that has as many messages under way all the time."""
    return {"count": sample["at_once"], "seconds": delay}
