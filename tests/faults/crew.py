"""Processes of the test project that a test starts, breaks and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import psutil
from django.db import DEFAULT_DB_ALIAS, connections

from tests.processes import ROOT, environment
from tests.waiting import wait_until

START_SECONDS = 60
STOP_SECONDS = 60
GONE = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


@dataclass
class Member:
    """A started process in a group of its own, with a file of what it prints."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        """The process's id, which is its group's."""
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Does the process run?"""
        return self.process.poll() is None

    @property
    def children(self) -> list[int]:
        """The ids of the processes that it started and that run."""
        started = psutil.Process(self.pid).children(recursive=True)
        return [child.pid for child in started if runs(child.pid)]

    @property
    def said(self) -> str:
        """What it has printed."""
        return self.log.read_text(errors="replace")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone, or do nothing if it has ended."""
        self.process.send_signal(number)

    def kill(self) -> list[int]:
        """Kill the process, which lives, with its children; return the ids of those that died."""
        pids = [self.pid, *self.children]
        os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not any(runs(pid) for pid in pids))
        return pids

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to stop, wait until it has, and return its exit code."""
        self.send(number)
        return self.wait()

    def wait(self) -> int:
        """Wait until the process has ended, and return its exit code."""
        wait_until(lambda: not self.alive, seconds=STOP_SECONDS)
        return int(self.process.returncode)


def runs(pid: int) -> bool:
    """Is there a process of this id that can still do something?"""
    try:
        return psutil.Process(pid).status() not in GONE
    except psutil.NoSuchProcess:
        return False


def used_databases() -> dict[str, dict[str, Any]]:
    """Return the DATABASES of this process, as a test has it, for other processes."""
    used = connections[DEFAULT_DB_ALIAS].settings_dict
    names = ("ENGINE", "NAME", "HOST", "PORT", "USER", "PASSWORD", "OPTIONS")
    return {DEFAULT_DB_ALIAS: {name: used[name] for name in names}}


class Crew:
    """
    Starts processes; at its end kills those that live.

    They work in the database that this process uses. ``settings`` are Django settings of theirs
    that differ from the test project's.
    """

    def __init__(self, api_url: str, **settings: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hipchat-crew-")
        self._api_url = api_url
        self._settings = settings
        self._members: list[Member] = []
        self._numbers = count(1)

    @property
    def folder(self) -> Path:
        """A folder for the processes' files."""
        return Path(self._folder.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for member in self._members:
            if member.alive:
                member.kill()
        self._folder.cleanup()

    def start(self, *arguments: str, backend: str = "request") -> Member:
        """Start a Python process; ``backend`` is what its own messages go through."""
        log = self.folder / f"{next(self._numbers):04}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                env=self._environment(backend),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        member = Member(process, log)
        self._members.append(member)
        return member

    def flusher(self, *arguments: str) -> Member:
        """Start ``manage.py hipchat_flush_outbox``, by default with ``--watch``."""
        given = arguments or ("--watch", "0.1")
        return self.start("-m", "django", "hipchat_flush_outbox", *given)

    def celery_worker(self) -> Member:
        """Start a Celery worker with two children and return when it is ready."""
        name = f"--hostname={uuid4().hex}@%h"  # RabbitMQ serves other runs of these tests as well
        command = ("-m", "celery", "-A", "tests.celery_app", "worker", "--concurrency=2", name)
        quiet = ("--pool=prefork", "--loglevel=INFO", "--without-mingle", "--without-gossip")
        member = self.start(*command, *quiet, backend="celery")
        wait_until(lambda: " ready." in member.said or not member.alive, seconds=START_SECONDS)
        assert member.alive, member.said
        return member

    def _environment(self, backend: str) -> Mapping[str, str]:
        return environment(
            self._api_url,
            backend,
            DJANGO_SETTINGS_MODULE="tests.faults.settings",
            HIPCHAT_FAULTS_SETTINGS=json.dumps(
                {"DATABASES": used_databases(), **self._settings}, default=str
            ),
            TMPDIR=self._folder.name,  # what the killed leave there is deleted with it
        )
