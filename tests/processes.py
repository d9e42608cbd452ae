"""Processes of the test project: workers that share the test's database."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment(api_url: str, backend: str = "request", **extra: str) -> dict[str, str]:
    """Return the environment of a process of the test project."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "HIPCHAT_TEST_PROCESS": "1",
        "HIPCHAT_TEST_API_URL": api_url,
        "HIPCHAT_TEST_BACKEND": f"djhipchat2.backends.{backend}.HipChatBackend",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **extra,
    }


class Worker:
    """A started process and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self.ready = threading.Event()

    def read(self, ready_word: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if ready_word in line:
                self.ready.set()


def start(arguments: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
    """Start a Python process of the test project; its output is read from ``stdout``."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def start_watch(api_url: str, **extra: str) -> subprocess.Popen[str]:
    """Start ``manage.py hipchat_flush_outbox --watch`` as a process of its own."""
    arguments = ["-m", "django", "hipchat_flush_outbox", "--watch", "0.1"]
    return start(arguments, environment(api_url, **extra))


@contextmanager
def celery_worker(api_url: str, **extra: str) -> Iterator[Worker]:
    """Run a Celery worker process with two children until the block ends."""
    arguments = ["-m", "celery", "-A", "tests.celery_app", "worker"]
    arguments += ["--concurrency=2", "--pool=prefork", "--loglevel=INFO", "--without-mingle"]
    worker = Worker(start(arguments, environment(api_url, "celery", **extra)))
    reader = threading.Thread(target=worker.read, args=(" ready.",), daemon=True)
    reader.start()
    try:
        if not worker.ready.wait(30):
            raise AssertionError("".join(worker.lines))
        yield worker
    finally:
        worker.process.terminate()
        worker.process.wait(30)
        reader.join(5)
