"""Contenders take turns: A B A B, each turn in a process, and a database, of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.chat import Chat
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Sample

ROOT = Path(__file__).resolve().parent.parent
#: Seconds after which a turn is taken to hang.
LONGEST_TURN = 7_200


@dataclass(frozen=True)
class Contender:
    """Somebody who does the work, and how its project is set up."""

    name: str
    work: str
    """``module:function`` in ``benchmarks.work``."""
    options: Mapping[str, Any] = field(default_factory=dict)
    apps: tuple[str, ...] = ("djhipchat2",)
    settings: Mapping[str, Any] = field(default_factory=dict)
    package: str = "djhipchat2"
    """What it cannot take part without."""

    @property
    def is_installed(self) -> bool:
        """Is its package there?"""
        return find_spec(self.package) is not None

    def doing(self, **options: Any) -> Contender:
        """Return the same one with more options."""
        return replace(self, options={**self.options, **options})


class WorkFailed(Exception):
    """A turn ended with an error; the text is what it printed."""


@dataclass
class Bench:
    """A run of benchmarks: where it works and how long it may take."""

    databases: Sequence[Databases]
    instant: Chat
    slow: Chat
    quick: bool = False
    scale: float = 1.0
    """What sizes of the work are multiplied by."""
    only_rounds: int | None = None
    """How many turns everybody takes; None: as many as the subject says."""
    _templates: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def size(self, quick: int, full: int) -> int:
        """Return how much work to do."""
        return max(1, round((quick if self.quick else full) * self.scale))

    def rounds(self, quick: int, full: int) -> int:
        """Return how many turns everybody takes."""
        return self.only_rounds or (quick if self.quick else full)

    def in_turn(
        self, contenders: Sequence[Contender], database: Databases, chat: Chat, *, rounds: int
    ) -> dict[str, list[Sample]]:
        """
        Let each take as many turns, one after the other; return what each turn measured.

        Who is not installed is left out, and named on the standard error.
        """
        present = [contender for contender in contenders if contender.is_installed]
        for contender in contenders:
            if contender not in present:
                print(f"Left out, not installed: {contender.name}", file=sys.stderr)
        samples: dict[str, list[Sample]] = {contender.name: [] for contender in present}
        for _ in range(rounds):
            for contender in present:
                samples[contender.name].append(self.turn(contender, database, chat))
        return samples

    def turn(
        self, contender: Contender, database: Databases, chat: Chat, *, name: str = ""
    ) -> Sample:
        """Take one turn, in the database of a name or in a fresh one."""
        place = nullcontext(name) if name else database.fresh(self.template(database, contender))
        with place as used:
            return run(contender, database, chat.url, used)

    def template(self, database: Databases, contender: Contender) -> str:
        """Return the name of a migrated database, which is made once; empty without apps."""
        if not contender.apps:
            return ""
        key = database.vendor, contender.apps
        if key not in self._templates:
            name = database.create()
            migrating = replace(contender, work="benchmarks.work.migrating:migrate", options={})
            run(migrating, database, self.instant.url, name)
            self._templates[key] = name
        return self._templates[key]

    def close(self) -> None:
        """Drop the databases that turns were copied from."""
        for database in self.databases:
            for (vendor, _), name in self._templates.items():
                if vendor == database.vendor:
                    database.drop(name)
        self._templates.clear()


Subject = Iterator[Figure]


def run(contender: Contender, database: Databases, url: str, name: str) -> Sample:
    """Run a contender's work in a process. Raise WorkFailed if that fails."""
    command = [sys.executable, "-m", "benchmarks.one", contender.work]
    done = subprocess.run(
        [*command, json.dumps(dict(contender.options))],
        cwd=ROOT,
        env=environment(contender, database.vendor, url, name),
        check=False,
        capture_output=True,
        text=True,
        timeout=LONGEST_TURN,
    )
    if done.returncode != 0:
        message = f"{contender.name}, {contender.work} on {database.vendor}:\n{done.stderr[-3000:]}"
        raise WorkFailed(message)
    sample: Sample = json.loads(done.stdout.splitlines()[-1])
    return sample


def environment(contender: Contender, vendor: str, url: str, name: str) -> dict[str, str]:
    """Return the environment of a turn's process; ``benchmarks.settings`` reads it."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "HIPCHAT_BENCH_APPS": json.dumps(contender.apps),
        "HIPCHAT_BENCH_DATABASE": vendor,
        "HIPCHAT_BENCH_NAME": name,
        "HIPCHAT_BENCH_SETTINGS": json.dumps(dict(contender.settings)),
        "HIPCHAT_BENCH_URL": url,
    }
