"""What failed in the environments that pytest ran in, read from the reports that it wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

#: Lines of a failure that are shown, its last ones.
SHOWN_LINES = 80
WRONG = ("failure", "error")


def failures(folder: Path) -> Iterator[str]:
    """Yield each failure as lines of text: environment and test, and the end of what it said."""
    for report in sorted(folder.glob("junit-*.xml")):
        environment = report.stem.removeprefix("junit-")
        # What pytest wrote a moment ago is no stranger's document.
        for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314
            for trouble in (found for found in case if found.tag in WRONG):
                name = f"{case.get('classname')}::{case.get('name')}"
                said = (trouble.text or trouble.get("message") or "").splitlines()
                shown = [f"    {line}" for line in said[-SHOWN_LINES:]]
                yield "\n".join([f"{environment}: {name}", *shown])
