"""What the figures were measured with."""

from __future__ import annotations

import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from benchmarks.databases import Databases, Postgresql

PACKAGES = (
    "django",
    "requests",
    "urllib3",
    "psycopg",
    "celery",
    "django-post-office",
    "django-mailer",
    "django-slack",
    "apprise",
    "uvloop",
)


def description(databases: Sequence[Databases]) -> dict[str, str]:
    """Return the machine and the versions by name."""
    found = {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "write to the disk": f"{_write_seconds() * 1000:.1f} ms (median of 100)",
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    for database in databases:
        if isinstance(database, Postgresql):
            found["postgresql"] = database.version()
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def _processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _write_seconds() -> float:
    """Return how long it takes until 4 KB are on the disk, as each commit has to wait for it."""
    times = []
    with tempfile.NamedTemporaryFile(buffering=0) as file:
        for _ in range(100):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            times.append(time.perf_counter() - started)
    return median(times)
