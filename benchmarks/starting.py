"""
What ``django.setup()`` costs with the app, and what it loads.

Seconds are the processor's: the files are in memory, and other processes do not count.
"""

from __future__ import annotations

from statistics import median

from benchmarks.figures import Target, absolute
from benchmarks.harness import Bench, Contender, Subject

WORK = "benchmarks.work.starting:loaded"
#: A usual project, and one without the admin, which loads every app's ``admin``.
PROJECTS = {
    "with the admin": (
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.admin",
    ),
    "without the admin": (),
}


def figures(bench: Bench) -> Subject:
    """Yield the milliseconds that the app adds, and the network libraries that it loads."""
    database = bench.databases[0]
    for name, apps in PROJECTS.items():
        plain = Contender("without", WORK, apps=apps)
        ours = Contender("with", WORK, apps=(*apps, "djhipchat2"))
        samples = {plain.name: [], ours.name: []}
        for _ in range(bench.rounds(9, 25)):
            for contender in (plain, ours):
                # It connects to no database.
                sample = bench.turn(contender, database, bench.instant, name="unused")
                samples[contender.name].append(sample)
        before = median(sample["setup_seconds"] for sample in samples[plain.name])
        added = [(sample["setup_seconds"] - before) * 1000 for sample in samples[ours.name]]
        work = f"django.setup() {name}"
        yield absolute(f"{work}, added", "", added, "ms", Target(5, at_least=False))
        extra = set(samples[ours.name][0]["modules"]) - set(samples[plain.name][0]["modules"])
        counted = Target(0, at_least=False)
        yield absolute(f"{work}, network libraries", "", [len(extra)], "", counted)
