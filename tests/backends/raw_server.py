"""A server that answers, over TCP, with the bytes that a test wrote down."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl

#: What to do on a connection instead of sending bytes; the event is set when the server stops.
Behaviour = Callable[[socket.socket, threading.Event], None]


@dataclass(frozen=True)
class Request:
    """A request as it arrived; header names are in lower case."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def target(self) -> str:
        return self.line.split()[1]


def http(status: str = "200 OK", body: bytes = b"", **headers: object) -> bytes:
    """Return an answer with the length of its body; ``_`` in a header's name stands for ``-``."""
    fields = {"Content-Length": len(body), **{k.replace("_", "-"): v for k, v in headers.items()}}
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drop(connection: socket.socket, _stopped: threading.Event) -> None:
    """Close the connection without an answer."""
    connection.close()


def hang(_connection: socket.socket, stopped: threading.Event) -> None:
    """Never answer."""
    stopped.wait()


def break_off(connection: socket.socket, _stopped: threading.Event) -> None:
    """Close the connection in the middle of the body of a good answer."""
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"')
    connection.close()


def drip(before: bytes, endless: bytes, pause: float = 0.05) -> Behaviour:
    """Return a behaviour that sends the rest again and again, without end."""

    def send(connection: socket.socket, stopped: threading.Event) -> None:
        with suppress(OSError):
            connection.sendall(before)
            while not stopped.wait(pause):
                connection.sendall(endless)

    return send


class RawServer:
    """
    Answers requests in turn; the last answer is given to all that follow.

    ``at_once`` gives an answer before any request: whoever speaks TLS sends none that can be read.
    """

    def __init__(
        self,
        *answers: bytes | Behaviour,
        context: ssl.SSLContext | None = None,
        at_once: bool = False,
    ) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._answers = list(answers)
        self._context = context
        self._at_once = at_once
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http{'s' if self._context else ''}://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for connection in self._sockets:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for connection in [self._listener, *self._sockets]:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _listen(self) -> None:
        while not self._stopped.is_set():
            with suppress(OSError):
                connection, _ = self._listener.accept()
                self.connections += 1
                self._sockets.append(connection)
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._sockets.append(connection)
            if self._at_once:
                self._answer(connection)
            with connection.makefile("rb") as stream:
                while line := stream.readline():
                    headers = {}
                    while (field := stream.readline().strip()) and b":" in field:
                        name, _, value = field.decode().partition(":")
                        headers[name.lower()] = value.strip()
                    body = stream.read(int(headers.get("content-length", 0)))
                    self.requests.append(Request(line.decode().strip(), headers, body))
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(connection, self._stopped)
            connection.shutdown(socket.SHUT_RDWR)
