"""
Connections that keep a deadline, and tell whether a request can have left.

``requests`` bounds each wait for the network, not their sum: a server that answers with a byte
every few seconds holds a thread for as long as it likes. And an error in a TLS handshake looks as
if the request had been under way.
"""

from __future__ import annotations

import http.client
import io
import time
from typing import Any

from requests.adapters import HTTPAdapter  # noqa: TID251 - the lower half of http.py
from urllib3 import (
    BaseHTTPResponse,
    HTTPConnectionPool,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
    Retry,
    Timeout,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from .quiet import unlogged

_NO_RETRY = Retry(0, read=False)


class _UntilDeadline(io.RawIOBase):
    """Reads from a socket for as many seconds as the socket's timeout says, in all."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + sock.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that must be there, whole, before the deadline."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_UntilDeadline(sock))


class _AtOnce:
    """Sends head and body of a request together: one packet, one system call, one TLS record."""

    _parts: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._parts = []
        try:
            super().request(*args, **kwargs)  # type: ignore[misc]
            whole = b"".join(self._parts)
        finally:
            self._parts = None
        self.send(whole)

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._parts.append(data)


class _Connection(_AtOnce, HTTPConnection):
    response_class = _Response


class _TlsConnection(_AtOnce, HTTPSConnection):
    response_class = _Response

    def connect(self) -> None:
        try:
            super().connect()
        except OSError as error:  # in the handshake, by us or by a proxy
            raise NewConnectionError(self, type(error).__name__) from error


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


#: Pools of other kinds, such as those for SOCKS proxies, stay what they are.
_OURS: dict[type, type] = {HTTPConnectionPool: _Pool, HTTPSConnectionPool: _TlsPool}


class Line:
    """The way to an address: its pool of connections, and the headers of all requests to it."""

    def __init__(self, pool: HTTPConnectionPool, method: str, target: str, headers: Any) -> None:
        self._pool = pool
        self._method = method
        self._target = target
        self._headers = dict(headers)

    def send(self, body: bytes | None, seconds: float) -> BaseHTTPResponse:
        """
        Send a request and return the answer, of which only the head has been read.

        Raise urllib3's HTTPError or an OSError without one.
        """
        headers = self._headers
        if body is not None:
            headers = {**headers, "Content-Length": str(len(body))}
        with unlogged():
            return self._pool.urlopen(
                self._method,
                self._target,
                body=body,
                headers=headers,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
                decode_content=False,
                retries=_NO_RETRY,
                timeout=Timeout(total=seconds),
            )


class Adapter(HTTPAdapter):
    """Lets ``requests`` choose certificates and proxies, for connections of ours."""

    def line(self, request: Any, *, verify: str | bool, proxies: dict[str, str]) -> Line:
        """Return the way to the address of a prepared request. Raise LocationValueError."""
        pool: Any = self.get_connection_with_tls_context(request, verify, proxies=proxies)
        self.cert_verify(pool, request.url, verify, None)  # type: ignore[no-untyped-call]
        return Line(pool, request.method, self.request_url(request, proxies), request.headers)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _take_over(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        _take_over(manager)
        return manager


def _take_over(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {
        scheme: _OURS.get(pool, pool) for scheme, pool in manager.pool_classes_by_scheme.items()
    }
