"""Check what the wheel and the source archive in a folder contain."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("djhipchat/", "djhipchat2/")
IN_SOURCE = (
    *PACKAGES,
    "docs/",
    "example_site/",
    "tests/",
    "LICENSE",
    "README.rst",
    "pyproject.toml",
)


def tracked() -> set[str]:
    """Return the files of the project, by Git, or by looking where there is no repository."""
    if not (ROOT / ".git").exists():
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return {str(path) for path in found if path.suffix != ".pyc"}
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return {name for name in listed.stdout.splitlines() if (ROOT / name).exists()}


def only(folder: Path, pattern: str) -> Path:
    """Return the one file in the folder that matches."""
    (found,) = folder.glob(pattern)
    return found


def problems(folder: Path) -> list[str]:
    """Return what is wrong with the archives."""
    files = tracked()
    with zipfile.ZipFile(only(folder, "*.whl")) as wheel:
        in_wheel = set(wheel.namelist())
    with tarfile.open(only(folder, "*.tar.gz")) as source:
        in_source = {name.partition("/")[2] for name in source.getnames()}
    wanted_in_wheel = {name for name in files if name.startswith(PACKAGES)}
    strange = {name for name in in_wheel if not name.startswith((*PACKAGES, "djhipchat2-"))}
    return [
        *(f"missing in the wheel: {name}" for name in sorted(wanted_in_wheel - in_wheel)),
        *(f"strange in the wheel: {name}" for name in sorted(strange)),
        *(
            f"missing in the source archive: {name}"
            for name in sorted(files - in_source)
            if name.startswith(IN_SOURCE)
        ),
    ]


def main(folder: Path) -> int:
    """Print what is wrong; return the exit status."""
    found = problems(folder)
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
