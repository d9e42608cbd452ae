"""``run_demo.py``, as ``make demo`` runs it."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
import requests

from tests.example_site.conftest import EXAMPLE_SITE

pytestmark = pytest.mark.once

RUN_DEMO = EXAMPLE_SITE / "run_demo.py"
DEMO_SECONDS = 120


def run_once(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end."""
    command = [sys.executable, str(RUN_DEMO), "--once", "--folder", str(folder), *arguments]
    return subprocess.run(
        command,
        cwd=folder.parent,
        env={**os.environ, "COLUMNS": "140"},
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
    )


class RunningDemo:
    """A demo that has been started."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.output = ""

    def read_until(self, words: str) -> None:
        """Read its output up to the line with these words."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line
            if words in line:
                return
        raise AssertionError(self.output)

    def children(self) -> list[int]:
        """Return the ids of its processes."""
        pid = self.process.pid
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def end(self, number: int) -> int:
        """Send it a signal and return its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Read the rest and return the exit code."""
        rest, _ = self.process.communicate(timeout=DEMO_SECONDS)
        self.output += rest
        return self.process.returncode


@contextmanager
def running_demo(folder: Path) -> Iterator[RunningDemo]:
    """Start a demo that serves."""
    command = [sys.executable, str(RUN_DEMO), "--folder", str(folder)]
    with subprocess.Popen(
        command, cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield RunningDemo(process)
        finally:
            process.terminate()  # nothing, if it has ended


def alive(pids: list[int]) -> list[int]:
    """Return those of the processes that exist."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_once_sends_everything_and_shows_the_rows(tmp_path: Path) -> None:
    done = run_once(tmp_path / "demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    lines = [re.split(r"\s{2,}", line.strip()) for line in done.stdout.splitlines()]
    table = [line for line in lines if line[0].isdigit()]
    assert [(line[0], line[2], *line[4:]) for line in table] == [
        ("1", "Deploy", "send_message()", "sent", "1"),
        ("2", "Backup", "send_message()", "sent", "1"),
        ("3", "Cron", "manage.py hipchat", "sent", "1"),
        ("4", "Myapp", "logger", "sent", "1"),
        ("5", "Myapp", "logger", "sent", "1"),
        ("6", "Monitor", "send_message()", "sent", "2", "attempt 1: HTTP 503: Service Unavailable"),
    ]
    assert "All 6 messages arrived exactly once, and every row says so." in done.stdout


def test_once_fails_and_says_why_if_the_server_refuses(tmp_path: Path) -> None:
    done = run_once(tmp_path / "demo", "--wrong-token")

    assert done.returncode == 1
    assert "0 of 6 messages arrived at the server." in done.stdout
    assert (
        "PROBLEM: Message 1 arrived 0 times and is failed. HTTP 401: Auth token invalid."
    ) in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_it_serves_what_it_names_until_it_is_stopped_and_leaves_no_process(tmp_path: Path) -> None:
    with running_demo(tmp_path / "demo") as demo:
        demo.read_until("Serving; Ctrl-C stops it.")
        addresses = dict(re.findall(r"(Send form|Admin|Wall|Faults) +(http://\S+)", demo.output))
        pages = {name: requests.get(url, timeout=20) for name, url in addresses.items()}
        children = demo.children()

        exit_code = demo.end(signal.SIGTERM)

    assert exit_code == 0
    assert {name: page.status_code for name, page in pages.items()} == {
        "Send form": 200,
        "Admin": 200,
        "Wall": 200,
        "Faults": 200,
    }
    assert "Disk of db1 is 91 % full." in pages["Send form"].text
    assert "Disk of db1 is 91 % full." in pages["Wall"].text
    assert len(children) == 2
    assert alive(children) == []
    assert "Traceback" not in demo.output


def test_ctrl_c_on_the_way_leaves_no_process(tmp_path: Path) -> None:
    with running_demo(tmp_path / "demo") as demo:
        demo.read_until("Local HipChat server on")
        children = demo.children()

        exit_code = demo.end(signal.SIGINT)

    assert exit_code == 130
    assert children
    assert alive(children) == []
    assert demo.output.endswith("Interrupted.\n")
    assert "Traceback" not in demo.output


def test_a_server_that_dies_ends_the_demo_in_words(tmp_path: Path) -> None:
    with running_demo(tmp_path / "demo") as demo:
        demo.read_until("Local HipChat server on")
        (child,) = demo.children()
        os.kill(child, signal.SIGKILL)

        exit_code = demo.wait()

    assert exit_code == 1
    assert "The demo failed. http://127.0.0.1:" in demo.output
    assert "does not answer as it should" in demo.output
    assert "Traceback" not in demo.output


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        done = run_once(tmp_path)

    assert done.returncode == 1
    assert done.stderr == (
        f"The demo failed. A demo is running in the folder {tmp_path}. Stop it, or name another "
        "one: make demo FOLDER=… (run_demo.py --folder …).\n"
    )


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with ExitStack() as taken:
        for port in (8000, 8088):
            listener = taken.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):  # somebody else has it: as good
                listener.bind(("127.0.0.1", port))
                listener.listen()
        done = run_once(tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Port 8088 is taken; another one is used." in done.stdout
    assert "Port 8000 is taken; another one is used." in done.stdout


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    done = run_once(tmp_path / "file")

    assert done.returncode == 1
    assert f"The folder {tmp_path}/file cannot be used: File exists; name another" in done.stderr


def test_only_the_last_run_s_files_are_removed(tmp_path: Path) -> None:
    (tmp_path / "site.sqlite3").write_text("of the last run")
    (tmp_path / "precious.sqlite3").write_text("mine")

    with running_demo(tmp_path) as demo:
        demo.read_until("Local HipChat server on")
        demo.end(signal.SIGTERM)

    assert not (tmp_path / "site.sqlite3").exists()
    assert (tmp_path / "precious.sqlite3").read_text() == "mine"
