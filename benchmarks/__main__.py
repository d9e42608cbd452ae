"""``python -m benchmarks``: run the benchmarks and print one table."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.chat import serving
from benchmarks.databases import databases
from benchmarks.figures import Figure
from benchmarks.harness import Bench
from benchmarks.machine import description
from benchmarks.table import table

#: Subjects in the order of the table; each is a module with ``figures(bench)``.
SUBJECTS = (
    "drain",
    "slow_server",
    "workers",
    "sending",
    "celery_tasks",
    "logging_calls",
    "growth",
    "scaling",
    "starting",
)
VENDORS = ("sqlite", "postgresql")
SLOW_SECONDS = 0.05
RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str] | None = None) -> list[Figure]:
    """Run what the arguments select, print the table, write the JSON and return the figures."""
    options = parse(arguments)
    found: list[Figure] = []
    with (
        databases(options.database or list(VENDORS)) as chosen,
        serving() as instant,
        serving(SLOW_SECONDS) as slow,
    ):
        about = description(chosen)
        about["chat server's limit"] = f"{instant.capacity():,.0f} requests/s"
        for name, value in about.items():
            print(f"{name + ':':24}{value}")
        bench = Bench(chosen, instant, slow, options.quick, options.scale, options.rounds)
        try:
            for subject in options.only or SUBJECTS:
                found += run_subject(bench, subject)
        finally:
            bench.close()
    print(f"\n{table(found)}")
    print(f"\n{write(options.results, about, found, quick=options.quick)}")
    return found


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="Less work and fewer rounds.")
    parser.add_argument("--scale", type=float, default=1, help="Multiplies the work.")
    parser.add_argument("--rounds", type=int, help="Turns that everybody takes.")
    parser.add_argument("--only", nargs="*", choices=SUBJECTS, metavar="SUBJECT")
    parser.add_argument("--database", nargs="*", choices=VENDORS)
    parser.add_argument("--results", type=Path, default=RESULTS, help="Folder for the JSON file.")
    return parser.parse_args(arguments)


def run_subject(bench: Bench, subject: str) -> list[Figure]:
    """Return a subject's figures, having told on the standard error how long they took."""
    started = time.monotonic()
    found = []
    for figure in import_module(f"benchmarks.{subject}").figures(bench):
        found.append(figure)
        print(f"{subject}: {table([figure]).splitlines()[-1]}", file=sys.stderr, flush=True)
    print(f"{subject}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return found


def write(folder: Path, about: dict[str, str], found: list[Figure], *, quick: bool) -> Path:
    """Write figures as JSON to a new file and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    path = folder / f"{now:%Y%m%dT%H%M%S}.json"
    figures = [{**asdict(figure), "verdict": figure.verdict} for figure in found]
    content = {"time": now.isoformat(), "quick": quick, "machine": about, "figures": figures}
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
