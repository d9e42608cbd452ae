"""Stands between a worker and Synapse, and can keep an answer to itself."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import requests

from tests import matrix_server


class Proxy:
    """Hands requests on to Synapse; of events that were sent it keeps the answers."""

    def __init__(self) -> None:
        #: Synapse has taken an event, and the worker will never know.
        self.kept = threading.Event()
        self._stopped = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                answer = requests.request(
                    self.command,
                    f"{matrix_server.URL}{self.path}",
                    data=body,
                    headers={"Authorization": self.headers["Authorization"]},
                    timeout=matrix_server.ANSWER_SECONDS,
                )
                if self.command == "PUT":
                    proxy.kept.set()
                    proxy._stopped.wait()
                    return
                self.send_response(answer.status_code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def do_POST(self) -> None:
                self.do_GET()

            def do_PUT(self) -> None:
                self.do_GET()

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        return Handler
