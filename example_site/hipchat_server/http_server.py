"""HTTP/1.1 with kept-alive connections, as tolerant of odd clients as HipChat's front end was."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import quote

from django.core.servers.basehttp import ServerHandler, ThreadedWSGIServer, WSGIRequestHandler
from django.http import HttpResponse

#: The environment's key of the path as it came, percent signs and all.
RAW_PATH = "hipchat_server.raw_path"
LONGEST_LINE = 65_536
PRINTABLE = "".join(chr(code) for code in range(0x21, 0x7F))


class Dropped(HttpResponse):
    """No answer: the connection is closed instead."""


class Handler(ServerHandler):
    """Runs a request through the application."""

    def finish_response(self) -> None:
        if isinstance(self.result, Dropped):
            self.request_handler.close_connection = True
            self.close()
        else:
            super().finish_response()


class RequestHandler(WSGIRequestHandler):
    """Reads requests from one connection."""

    # An answer leaves in one packet, at once: otherwise every one waits 40 ms for the client's
    # delayed acknowledgement.
    wbufsize = LONGEST_LINE
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        self.raw_requestline = _repaired(self.rfile.readline(LONGEST_LINE + 1))
        if len(self.raw_requestline) > LONGEST_LINE:
            self.requestline = self.request_version = self.command = ""
            self.send_error(414)
            self.close_connection = True
        elif self.parse_request():
            handler = Handler(self.rfile, self.wfile, self.get_stderr(), self.get_environ())
            handler.request_handler = self
            handler.run(self.server.get_app())
        else:
            self.close_connection = True
        self.wfile.flush()

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            self.send_error(411)
            return False
        return True

    def handle_expect_100(self) -> bool:
        proceed = super().handle_expect_100()
        self.wfile.flush()  # the client waits for it before it sends the body
        return proceed

    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), RAW_PATH: self.path.partition("?")[0]}

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: request lines hold tokens."""


class Server(ThreadedWSGIServer):
    """Serves each connection in a thread of its own."""

    request_queue_size = 128

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host, port), RequestHandler, ipv6=":" in host)

    def server_bind(self) -> None:
        # The parent asks the name server for the host's name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]
        self.setup_environ()

    @property
    def url(self) -> str:
        """The server's address."""
        host = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"http://{host}:{self.server_port}"


def _repaired(line: bytes) -> bytes:
    """
    Return a request line whose target has its spaces and its other raw bytes encoded.

    salt's module does not encode room names: ``POST /v2/room/Ops Room/notification HTTP/1.1``.
    """
    words = line.rstrip(b"\r\n").split(b" ")
    if len(words) < 3 or not words[-1].startswith(b"HTTP/"):
        return line
    target = quote(b" ".join(words[1:-1]), safe=PRINTABLE)
    return b"%b %b %b\r\n" % (words[0], target.encode(), words[-1])
