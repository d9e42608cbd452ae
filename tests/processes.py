"""Processes of the test project: workers that share the test's database."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil

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
def _until_the_end(process: subprocess.Popen[str], ready_word: str) -> Iterator[Worker]:
    """Wait until a process is ready, and stop it when the block ends."""
    worker = Worker(process)
    reader = threading.Thread(target=worker.read, args=(ready_word,), daemon=True)
    reader.start()
    try:
        if not worker.ready.wait(60):
            raise AssertionError("".join(worker.lines))
        yield worker
    finally:
        stop(process)
        reader.join(5)


def stop(process: subprocess.Popen[str], patience: float = 30) -> None:
    """
    Stop a process, by force if it hasn't stopped so many seconds after it was asked to.

    Celery's own shutdown hangs at times on a busy machine. That ours stop is what
    tests/faults/test_stop.py is about.
    """
    family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        for child in family:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()
        process.wait()


@contextmanager
def celery_worker(api_url: str, *options: str, **extra: str) -> Iterator[Worker]:
    """Run a Celery worker process with two children until the block ends."""
    # RabbitMQ gives a worker's name to one at a time, and other suites may use the same server.
    name = f"--hostname={uuid4().hex}@%h"
    arguments = ["-m", "celery", "-A", "tests.celery_app", "worker", name, *options]
    arguments += ["--concurrency=2", "--pool=prefork", "--loglevel=INFO", "--without-mingle"]
    process = start(arguments, environment(api_url, "celery", **extra))
    with _until_the_end(process, " ready.") as worker:
        yield worker


@contextmanager
def celery_beat(api_url: str, **extra: str) -> Iterator[Worker]:
    """Run beat with django-celery-beat's scheduler until the block ends."""
    arguments = ["-m", "celery", "-A", "tests.celery_app", "beat", "-S", "django"]
    arguments += ["--loglevel=INFO", "--max-interval=1"]
    process = start(arguments, environment(api_url, "celery", **extra))
    with _until_the_end(process, "beat: Starting") as worker:
        yield worker


@contextmanager
def database_worker(api_url: str, **extra: str) -> Iterator[Worker]:
    """Run django-tasks-db's worker process until the block ends."""
    arguments = ["-m", "django", "db_worker", "--interval=0.1", "--queue-name=*", "--no-reload"]
    process = start(arguments, environment(api_url, "tasks", **extra))
    with _until_the_end(process, "Starting worker") as worker:
        yield worker
