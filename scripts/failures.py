"""What failed in tox's environments, read from the reports that pytest and tox wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any
from xml.etree import ElementTree

#: Lines of a failure that are shown, its last ones.
SHOWN_LINES = 80
#: Characters of a command that are shown, its first ones.
LONGEST_COMMAND = 100
WRONG = ("failure", "error")


@dataclass(frozen=True)
class Failure:
    """A test that failed, or a command of an environment that has no report of a test."""

    environment: str
    name: str
    said: str

    @property
    def headline(self) -> str:
        """Where it failed, in one line."""
        return f"{self.environment}: {self.name}"

    def __str__(self) -> str:
        shown = [f"    {line}" for line in self.said.splitlines()[-SHOWN_LINES:]]
        return "\n".join([self.headline, *shown])


def failures(reports: Path, result: Path) -> list[Failure]:
    """
    Return what failed: tests, and commands of environments that failed without a failed test.

    *reports* is the folder of pytest's ``junit-*.xml``; *result* is what tox wrote for
    ``--result-json``, which may be missing if tox itself broke down.
    """
    found = list(_failed_tests(reports))
    told = {failure.environment for failure in found}
    if result.exists():
        environments = json.loads(result.read_text())["testenvs"]
        for name, environment in environments.items():
            if name not in told and not environment.get("result", {}).get("success", True):
                found.append(_failed_command(name, environment))
    return found


def _failed_tests(reports: Path) -> Iterator[Failure]:
    for report in sorted(reports.glob("junit-*.xml")):
        environment = report.stem.removeprefix("junit-")
        # What pytest wrote a moment ago is no stranger's document.
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
            for trouble in (found for found in case if found.tag in WRONG):
                name = f"{case.get('classname')}::{case.get('name')}"
                yield Failure(environment, name, trouble.text or trouble.get("message") or "")


def _failed_command(name: str, environment: dict[str, Any]) -> Failure:
    """Describe the last command that failed, of the set-up or of the tests."""
    for run in reversed([*environment.get("setup", ()), *environment.get("test", ())]):
        if run["retcode"]:
            command = shorten(" ".join(run["command"]), LONGEST_COMMAND, placeholder=" ...")
            return Failure(name, f"{command} (exit {run['retcode']})", run["err"] + run["output"])
    return Failure(name, "failed before its commands; tox's own words are above", "")
