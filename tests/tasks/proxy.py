"""A broker that a test can take away: a TCP proxy before the real one."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

CHUNK = 65536


class Proxy:
    """
    Listens on a free port and passes on what it is sent.

    While it is frozen it accepts connections and answers nothing, as a broker that hangs.
    """

    def __init__(self, target_port: int) -> None:
        self._target = ("127.0.0.1", target_port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.accepted = 0
        self._moving = threading.Event()
        self._moving.set()
        self._answers_left: int | None = None
        self._sockets: list[socket.socket] = [self._listener]
        self._start(self._accept)

    def freeze(self, *, after: int = 0) -> None:
        """Answer nothing from now on, or after so many more answers of the broker."""
        self._answers_left = after
        if after == 0:
            self._moving.clear()

    def thaw(self) -> None:
        """Pass on what has come in meanwhile, and go on."""
        self._moving.set()

    def hang_up(self) -> None:
        """Close the connections that are open, as a broker does that restarts."""
        while len(self._sockets) > 1:
            each = self._sockets.pop()
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _start(self, target: object, *args: object) -> None:
        threading.Thread(target=target, args=args, daemon=True).start()  # type: ignore[arg-type]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.accepted += 1
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                self._start(self._pass_on, client, server)
                self._start(self._answer, server, client)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(CHUNK):
                self._moving.wait()
                target.sendall(content)
            target.shutdown(socket.SHUT_WR)

    def _answer(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(CHUNK):
                self._moving.wait()
                target.sendall(content)
                if self._answers_left:
                    self.freeze(after=self._answers_left - 1)
            target.shutdown(socket.SHUT_WR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.thaw()
        self.hang_up()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
