"""A local chat that is killed, and comes back where it was, with what it had taken."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.faults.servers import free_port
from tests.hipchat_server import HipChatServer
from tests.waiting import pause


class Chat:
    """The local HipChat server on one port, with one database, through all of its lives."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="hipchat-chat-")
        self._port = free_port()
        self.server = self._start()

    def outage(self, seconds: float) -> None:
        """Kill the server, and start it again after a while. Its faults are forgotten."""
        self.server.process.kill()
        self.server.stop()
        pause(seconds)
        self.server = self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.server.stop()
        self._folder.cleanup()

    def _start(self) -> HipChatServer:
        database = Path(self._folder.name) / "chat.sqlite3"
        return HipChatServer("--port", str(self._port), "--database", str(database), limits="far")
