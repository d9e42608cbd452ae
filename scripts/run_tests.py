"""
Run the tests and all checks: on each interpreter of the matrix and with each service there is.

What this machine lacks is named, at the beginning and at the end. With ``--strict``, as in CI, a
missing service, or fewer than two lines of the matrix, is a failure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import machine
from failures import failures

ROOT = Path(__file__).resolve().parent.parent
#: What the environments leave behind for this program.
REPORTS = ROOT / ".tox" / "coverage-data"
#: What tox writes of each environment.
RESULT = ROOT / ".tox" / "result.json"
#: Interpreter and the Django series that it is tested with.
MATRIX = (("3.11", "5.2"), ("3.12", "6.0"), ("3.13", "6.1"))
#: It alone runs everything, see tox.ini.
FULLEST = "py311-django52-sqlite"
#: The lines of the matrix whose coverage is traced: those of the oldest and of the newest Django.
TRACED = {FULLEST, "py313-django61-sqlite"}
CHECKS = ("lint", "types", "docs", "dist")
FEWEST_LINES = 2
#: Processes that the fault suite kills, over all environments, at least.
FEWEST_KILLS = 200


@dataclass
class Plan:
    """What to run, and what not for which reason."""

    environments: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    missing_lines: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    markers: list[str] = field(default_factory=list)
    """Markers of tests to leave out."""

    @property
    def selection(self) -> str:
        """The marker expression for pytest."""
        everything = "redis or not redis"
        return " and ".join(f"not {marker}" for marker in self.markers) or everything

    @property
    def judges_coverage(self) -> bool:
        """Can every line be reached?"""
        return not self.missing and TRACED.issubset(self.environments)


def make_plan() -> Plan:
    """Look at the machine."""
    plan = Plan()
    troubles = {
        "redis": machine.redis_trouble(),
        "rabbitmq": machine.rabbitmq_trouble(),
        "synapse": machine.synapse_trouble(),
        "servers": machine.servers_trouble(),
    }
    for marker, trouble in troubles.items():
        if trouble is not None:
            plan.markers.append(marker)
            plan.missing.append(f"tests marked {marker}: {trouble}")
    databases = {"postgresql": machine.postgresql_trouble(), "mariadb": machine.mariadb_trouble()}
    for name, trouble in databases.items():
        if trouble is not None:
            plan.missing.append(f"tests on {name}: {trouble}")
    for python_version, django_version in MATRIX:
        _add_line(plan, python_version, django_version, databases)
    if plan.lines:
        plan.environments += ["once", "nocelery"]
        _add_browser(plan)
    if FULLEST in plan.environments:
        plan.environments.append("minimum")
    else:
        plan.missing_lines += [
            "environment minimum: no python3.11",
            "soaks; faults and Celery's workers on postgresql and mariadb: no python3.11",
        ]
    return plan


def _add_line(
    plan: Plan, python_version: str, django_version: str, databases: dict[str, str | None]
) -> None:
    python = machine.find_python(python_version)
    name = f"Python {python_version}, Django {django_version}"
    if python is None:
        plan.missing_lines.append(f"{name}: no python{python_version}")
        return
    plan.lines.append(name)
    line = f"py{python_version}-django{django_version}".replace(".", "")
    plan.environments.append(f"{line}-sqlite")
    for database, trouble in databases.items():
        if trouble is None and database == "mariadb":
            trouble = machine.mysqlclient_trouble(python)
            if trouble is not None:
                plan.missing.append(f"tests on mariadb, {name}: {trouble}")
        if trouble is None:
            plan.environments.append(f"{line}-{database}")


def _add_browser(plan: Plan) -> None:
    """Have the admin's pages tested in a browser, with the newest Django that can be run."""
    trouble = machine.chromium_trouble()
    if trouble is not None:
        plan.missing.append(f"tests in a browser: {trouble}")
        return
    newest = [name for name in plan.environments if name.endswith("-sqlite")][-1]
    plan.environments.append(f"{newest.removesuffix('-sqlite')}-browser")


def tell(plan: Plan) -> None:
    """Print what is run and what is not."""
    print("Interpreters:")
    for line in plan.lines:
        print(f"  run      {line}")
    for reason in (*plan.missing_lines, *plan.missing):
        print(f"  NOT RUN  {reason}")
    if machine.wire_trouble():
        print(f"  NOT RUN  the replay of recorded requests: {machine.wire_trouble()}")
    if "nocelery" in plan.environments:
        print("  In nocelery, tests of the Celery task and of the example site are left out.")
    print("  On Django 6.1, tests marked beat are left out: django-celery-beat wants an older one.")
    print("  On postgresql and mariadb, tests that use no database are left out; with the second")
    print("  and third interpreter also those of faults and of workers of tasks.")
    if "once" in plan.environments:
        print("  Tests marked once run in the environment once alone.")
    if not plan.judges_coverage:
        print("  Coverage is shown and not judged, since tests are left out.")
    sys.stdout.flush()


def run_tox(plan: Plan, arguments: list[str]) -> int:
    """Run the environments; return tox's exit status."""
    environ = {
        **os.environ,
        "PATH": machine.search_path(),
        "HIPCHAT_TEST_SELECTION": plan.selection,
        "HIPCHAT_COVERAGE_MINIMUM": "100" if plan.judges_coverage else "0",
        # An interpreter that is not there is told above, not fetched from the network.
        "UV_PYTHON_DOWNLOADS": "never",
    }
    shutil.rmtree(REPORTS, ignore_errors=True)
    RESULT.unlink(missing_ok=True)
    names = [*CHECKS, *plan.environments, *(["coverage"] if plan.lines else [])]
    # One more than there are cores: tests of workers and servers wait more than they compute.
    at_once = str((os.cpu_count() or 1) + 1)
    command = [sys.executable, "-m", "tox", "run-parallel", "--parallel", at_once]
    command += ["--parallel-no-spinner", "--result-json", str(RESULT)]
    command += ["-e", ",".join(names), *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


def tell_faults() -> int:
    """Print what the fault suite broke, over all environments, and return the number of kills."""
    total: Counter[str] = Counter()
    reports = sorted(REPORTS.glob("faults-*.json"))
    for report in reports:
        total.update(json.loads(report.read_text()))
    words = ("kills", "restarts", "accepted", "delivered", "repeated", "lost", "disordered")
    shown = ", ".join(f"{total[word]} {word}" for word in words)
    print(f"Faults, in {len(reports)} environments: {shown}.")
    return total["kills"]


def main(argv: list[str]) -> int:
    """Run everything; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strict", action="store_true", help="fail if a service is missing")
    options, arguments = parser.parse_known_args(argv)
    plan = make_plan()
    tell(plan)
    too_few = len(plan.lines) < FEWEST_LINES
    if options.strict and (plan.missing or too_few):
        print("Something is missing that has to be here (--strict).")
        return 1
    if not plan.lines:
        print("No interpreter of the matrix is here; nothing can be tested.")
        return 1
    status = run_tox(plan, arguments)
    # The environments print at the same time; here each failure stands by itself.
    failed = failures(REPORTS, RESULT) if status else []
    for failure in failed:
        print(failure, end="\n\n")
    tell(plan)
    if tell_faults() < FEWEST_KILLS and options.strict:
        print(f"The fault suite has to kill {FEWEST_KILLS} processes (--strict).")
        status = status or 1
    print("Everything passed." if status == 0 else "Something failed, told in full above:")
    # Last, for whoever sees the end alone.
    for failure in failed:
        print(f"  {failure.headline}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
