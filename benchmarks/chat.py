"""The chat server's process, as benchmarks use it, and how much it can take."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.server import SENT

ROOT = Path(__file__).resolve().parent.parent
_REQUEST = (
    b"POST /v1/rooms/message HTTP/1.1\r\nHost: localhost\r\nContent-Length: 120\r\n\r\n"
    + b"x" * 120
)


@dataclass(frozen=True)
class Chat:
    """A running server."""

    url: str
    delay: float

    def capacity(self, requests: int = 30_000, at_once: int = 100) -> float:
        """Return the requests a second that it answers to a client that costs nothing."""
        parts = urlsplit(self.url)
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as connection:
            started = time.perf_counter()
            for _ in range(requests // at_once):
                connection.sendall(_REQUEST * at_once)
                missing = at_once * len(SENT)
                while missing > 0:
                    missing -= len(connection.recv(1 << 20))
            return requests / (time.perf_counter() - started)


@contextmanager
def serving(delay: float = 0.0) -> Iterator[Chat]:
    """Run a server that answers after so many seconds, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.server", "--delay", str(delay)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            message = "The chat server did not start."
            raise RuntimeError(message)
        yield Chat(url, delay)
    finally:
        process.communicate(timeout=10)
