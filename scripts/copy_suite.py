"""
Copy the tests, and what they read, to a folder without the package.

Run from the checkout they would test the checkout: in a flat layout the current folder comes
before the installed wheel.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("tests", "example_site", "docs", "benchmarks")
FILES = ("pyproject.toml", "README.rst", "CHANGELOG.rst")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "_build", "results", "*.sqlite3*")


def main(target: Path, coverage: Path) -> None:
    """Copy to ``target``, and make the folder that coverage data is written to."""
    coverage.mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=LEFT_OUT)
    for name in FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
