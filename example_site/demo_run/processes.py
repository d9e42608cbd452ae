"""The demo's child processes: started, waited for, and stopped whatever happens."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from .errors import DemoError

HOST = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10
ANSWER_SECONDS = 10
POLL_SECONDS = 0.1
LOG_LINES = 15
#: How both servers say where they listen.
ADDRESS = re.compile(r" (?:on|at) (http://[^\s/]+)/?\s")

#: Loopback is never reached through a proxy, whatever the environment says.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Interrupts:
    """Makes the signals that stop a process raise KeyboardInterrupt, and can hold them back."""

    def __init__(self) -> None:
        self._held = False
        self._came = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to ignore it
            signal.signal(signal.SIGHUP, self._stop)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Delay an interrupt until the block is over."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._came:
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """Ignore further ones: what stops is not to be stopped half-way."""
        self._held = True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True
        if not self._held:
            raise KeyboardInterrupt


@dataclass
class Child:
    """A server in a process of its own."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        """The address that it printed, with a slash at its end; empty if it has not yet."""
        printed = ADDRESS.search(self.log.read_text(errors="replace"))
        return f"{printed[1]}/" if printed else ""

    @property
    def ended(self) -> bool:
        """Has the process ended?"""
        return self.process.poll() is not None

    def failure(self, what: str) -> DemoError:
        """Return the error that says what went wrong, with the end of the process's log."""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES:]
        said = "\n".join(f"    {line}" for line in lines) or "    (nothing)"
        return DemoError(f"The {self.name} {what}. It said:\n{said}")


class Children:
    """Starts child processes and, at its end, stops those that live."""

    def __init__(self, folder: Path, interrupts: Interrupts) -> None:
        self._folder = folder
        self._interrupts = interrupts
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._interrupts.ignore()
        for child in reversed(self._children):
            child.process.terminate()
        for child in self._children:
            try:
                child.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()

    def start(
        self,
        name: str,
        command: Callable[[int], Sequence[str]],
        *,
        preferred_port: int,
        environment: Mapping[str, str],
    ) -> str:
        """
        Start a server and return its address; what it prints goes to a log in the demo's folder.

        ``command`` makes its command line for a port: the preferred one, or 0 for any if that is
        taken. Raise DemoError if it does not start.
        """
        log = self._folder / f"{name.replace(' ', '-').lower()}.log"
        ports = [0] if is_taken(preferred_port) else [preferred_port, 0]
        for port in ports:
            child = self._spawn(name, command(port), environment, log)
            address = _wait_for_address(child)
            if address:
                return address
            self._children.remove(child)
        what = "stopped at once"
        raise child.failure(what)

    def _spawn(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Child:
        with log.open("wb") as output, self._interrupts.held():
            # A session of its own: Ctrl-C reaches this process alone, which stops the others.
            process = subprocess.Popen(
                command,
                env={**environment, "PYTHONUNBUFFERED": "1"},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            child = Child(name, process, log)
            self._children.append(child)
        return child

    def serve(self) -> None:
        """Wait until interrupted. Raise DemoError if a server ends by itself."""
        while True:
            for child in self._children:
                if child.ended:
                    what = "has stopped"
                    raise child.failure(what)
            time.sleep(POLL_SECONDS)


def _wait_for_address(child: Child) -> str:
    """Return the address that a server prints once it listens; empty if it ends instead."""
    deadline = time.monotonic() + START_SECONDS
    while not child.address:
        if child.ended:
            return ""
        if time.monotonic() > deadline:
            what = f"did not start within {START_SECONDS} s"
            raise child.failure(what)
        time.sleep(POLL_SECONDS)
    return child.address


def fetch(address: str, content: bytes | None = None) -> bytes:
    """Return what an address answers; with content it is posted. Raise DemoError if it fails."""
    headers = {"Content-Type": "application/json"} if content is not None else {}
    request = urllib.request.Request(address, data=content, headers=headers)
    try:
        with direct.open(request, timeout=ANSWER_SECONDS) as response:
            answer: bytes = response.read()
    except OSError as error:
        message = f"{address} does not answer as it should: {error}."
        raise DemoError(message) from None
    return answer


def is_taken(port: int) -> bool:
    """Does somebody listen on a port of this machine?"""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False
