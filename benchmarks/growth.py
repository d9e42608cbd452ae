"""What large tables change: final rows, queued rows, held rooms, many rooms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.databases import Databases
from benchmarks.figures import Figure, Sample, Target, absolute, compared, rate
from benchmarks.harness import Bench, Contender, Subject

WORK = "benchmarks.work.growth"
FLAT = Target(0.9)
ROOMS = 64
FEW, MANY = 10, 10_000


def figures(bench: Bench) -> Subject:
    """Yield rates on large tables against those on small ones, and the memory of a flush."""
    for database in bench.databases:
        yield _final_rows(bench, database)
        yield from _held_room(bench, database)
        yield _rooms(bench, database)
        yield from _memory(bench, database)


def _final_rows(bench: Bench, database: Databases) -> Figure:
    rows = bench.size(200_000, 5_000_000)
    drain = Contender(
        "drain", f"{WORK}:drain_again", {"messages": bench.size(1_000, 5_000), "in_rooms": ROOMS}
    )
    filling = Contender("fill", f"{WORK}:fill_final", {"rows": rows})
    with _filled(bench, database, filling) as full, _filled(bench, database, None) as empty:
        ours, others = _alternate(
            bench, database, {full: drain, empty: drain}, rounds=bench.rounds(3, 7)
        )
    return compared(
        f"drain beside {rows:,} final rows", database.vendor, ours, "empty", others, target=FLAT
    )


def _held_room(bench: Bench, database: Databases) -> Subject:
    held = bench.size(10_000, 100_000)
    filling = Contender("fill", f"{WORK}:fill_held_room", {"rows": held})
    messages = bench.size(1_000, 5_000)
    works = {
        "drain of other rooms": Contender(
            "drain", f"{WORK}:drain_again", {"messages": messages, "in_rooms": ROOMS}
        ),
        "send_message() to the held room": Contender(
            "send", f"{WORK}:send_to_held_room", {"messages": bench.size(300, 1_000)}
        ),
        "send_message() to another room": Contender(
            "send", f"{WORK}:send_to_other_room", {"messages": bench.size(300, 1_000)}
        ),
    }
    one = Contender("fill", f"{WORK}:fill_held_room", {"rows": 1})
    with _filled(bench, database, filling) as full, _filled(bench, database, one) as empty:
        for name, work in works.items():
            ours, others = _alternate(
                bench, database, {full: work, empty: work}, rounds=bench.rounds(3, 7)
            )
            yield compared(
                f"{name}, {held:,} held", database.vendor, ours, "none", others, target=FLAT
            )


def _rooms(bench: Bench, database: Databases) -> Figure:
    messages = 10_000
    visits = Contender("visit", f"{WORK}:visit_rooms", {"visits": bench.size(200, 1_000)})
    fillings = [
        Contender("fill", f"{WORK}:fill_queued", {"rows": messages, "in_rooms": rooms})
        for rooms in (MANY, FEW)
    ]
    many, few = fillings
    with _filled(bench, database, many) as large, _filled(bench, database, few) as small:
        ours, others = _alternate(
            bench,
            database,
            {large: visits.doing(in_rooms=MANY), small: visits.doing(in_rooms=FEW)},
            rounds=bench.rounds(3, 7),
        )
    return compared(
        f"claims, {MANY:,} rooms", database.vendor, ours, f"{FEW} rooms", others, target=FLAT
    )


def _memory(bench: Bench, database: Databases) -> Subject:
    rows = bench.size(50_000, 1_000_000)
    for queued, target in ((rows // 100, None), (rows, Target(150, at_least=False))):
        filling = Contender("fill", f"{WORK}:fill_queued", {"rows": queued, "in_rooms": ROOMS})
        flush = Contender("flush", f"{WORK}:flush_everything", {"messages": queued})
        with _filled(bench, database, filling) as name:
            sample = bench.turn(flush, database, bench.instant, name=name)
        work = f"peak memory of a flush of {queued:,}"
        yield absolute(work, database.vendor, [sample["peak_mb"]], "MB", target)
        yield absolute(f"rate of a flush of {queued:,}", database.vendor, [rate(sample)], "/s")


@contextmanager
def _filled(bench: Bench, database: Databases, filling: Contender | None) -> Iterator[str]:
    """Yield the name of a database that a contender has filled."""
    template = bench.template(database, Contender("", ""))
    with database.fresh(template) as name:
        if filling is not None:
            bench.turn(filling, database, bench.instant, name=name)
        database.settle(name)
        yield name


def _alternate(
    bench: Bench, database: Databases, works: dict[str, Contender], *, rounds: int
) -> list[list[Sample]]:
    """Do each work in its own database, in turn; return the samples of each."""
    samples: dict[str, list[Sample]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            samples[name].append(bench.turn(work, database, bench.instant, name=name))
    return list(samples.values())
