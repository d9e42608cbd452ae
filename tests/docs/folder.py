"""Where the documentation is: beside the tests, or where HIPCHAT_DOCS says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

BESIDE_TESTS = Path(__file__).resolve().parents[2]


def locate(beside: Path = BESIDE_TESTS, environ: Mapping[str, str] = os.environ) -> Path:
    """
    Return the folder that holds ``docs/`` and ``README.rst``.

    Raise FileNotFoundError if there is none: documentation that is not found must not pass.
    """
    for folder in (beside, Path(environ.get("HIPCHAT_DOCS", beside))):
        if (folder / "docs" / "index.rst").exists() and (folder / "README.rst").exists():
            return folder
    message = f"No docs/ and README.rst in {beside}. Set HIPCHAT_DOCS to the folder with both."
    raise FileNotFoundError(message)


ROOT = locate()
PAGES = {
    "README": ROOT / "README.rst",
    **{path.stem: path for path in sorted((ROOT / "docs").glob("*.rst"))},
}
