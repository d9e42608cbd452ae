"""The local HipChat server, run in a process of its own for tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Any, Self, cast
from urllib.parse import quote

import requests

TOKENS = ("TOK", "TOK2", "ROOMTOK")
SCRIPT = Path(__file__).resolve().parent.parent / "example_site" / "run_hipchat_server.py"
ANSWER_SECONDS = 10
STOP_SECONDS = 10


class HipChatServer:
    """
    Starts ``example_site/run_hipchat_server.py`` on a free port, with a database of its own.

    By default no rate limits are enforced. ``arguments`` are added to the command line.
    """

    def __init__(self, *arguments: str, limits: str = "off") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hipchat-server-test-")
        database = Path(self._folder.name) / "hipchat.sqlite3"
        self.errors = Path(self._folder.name) / "stderr.txt"
        command = [sys.executable, str(SCRIPT), "--port", "0", "--tokens", ",".join(TOKENS)]
        command += ["--database", str(database), "--limits", limits, *arguments]
        with self.errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=self._folder.name,
                env={**os.environ, "TMPDIR": self._folder.name},
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._output = cast(IO[str], self.process.stdout)
        try:
            self.url = self._read_url()
        except BaseException:  # also a Ctrl-C: nothing is left behind
            self.process.kill()
            raise
        self._session = requests.Session()
        self._session.trust_env = False

    def _read_url(self) -> str:
        """Return the address that the server prints once it listens."""
        line = self._output.readline()
        if not line.startswith("HipChat server on "):
            self.process.wait(STOP_SECONDS)
            message = f"The HipChat server did not start: {line}{self.errors.read_text()}"
            self._output.close()
            self._folder.cleanup()
            raise RuntimeError(message)
        return line.split()[-1]

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def messages(self, room: str | int | None = None) -> list[dict[str, Any]]:
        """Return the messages that were taken, in order; of one room, if one is named."""
        query = "" if room is None else f"?room={quote(str(room), safe='')}"
        return self._ask("GET", f"messages{query}")["messages"]

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        """Return the requests to the API, in order, taken or not; tokens are hidden."""
        return self._ask("GET", f"requests?after={after}")["requests"]

    def counts(self) -> dict[str, Any]:
        """Return how many requests came to what."""
        return self._ask("GET", "counts")

    def fault(self, kind: str, times: int | None = 1, **options: Any) -> None:
        """
        Switch a fault on, after those that are: ``unavailable``, ``rate_limited`` (with
        ``retry_after``), ``hang`` (with ``seconds``), ``drop_before`` or ``drop_after``.

        ``times=None`` lasts until cleared; ``room`` strikes one room alone.
        """
        self._ask("POST", "faults", {"fault": kind, "times": times, **options})

    def clear_faults(self) -> None:
        """Switch all faults off; requests that hang are answered."""
        self._ask("DELETE", "faults")

    def limits(
        self, *, token_per_5_minutes: int | None = None, room_per_minute: int | None = None
    ) -> None:
        """Enforce rate limits; None: not this one. The room's is v2's alone, as in HipChat."""
        figures = {"token_per_5_minutes": token_per_5_minutes, "room_per_minute": room_per_minute}
        self._ask("POST", "limits", figures)

    def reset(self) -> None:
        """Forget what was received, and switch faults and limits back to the start's."""
        self._ask("POST", "reset")

    def stop(self) -> int:
        """Stop the server and return its exit status; again, if it has been stopped."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
            self._output.close()
            self._session.close()
            self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _ask(self, method: str, path: str, content: Any = None) -> Any:
        url = f"{self.url}/control/{path}"
        response = self._session.request(method, url, json=content, timeout=ANSWER_SECONDS)
        if response.status_code != 200:
            message = f"{method} {path}: HTTP {response.status_code} {response.text}"
            raise RuntimeError(message)
        return response.json()
