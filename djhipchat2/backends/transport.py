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
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from .quiet import unlogged


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


class _Connection(HTTPConnection):
    response_class = _Response


class _TlsConnection(HTTPSConnection):
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


class Adapter(HTTPAdapter):
    """Makes ``requests`` use these connections, directly and through proxies, and log nothing."""

    def send(self, *args: Any, **kwargs: Any) -> Any:
        with unlogged():
            return super().send(*args, **kwargs)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _take_over(self.poolmanager)

    def build_response(self, req: Any, resp: Any) -> Any:
        """Return urllib3's own answer: ``requests`` makes an object of it that nobody reads."""
        return resp

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        _take_over(manager)
        return manager


def _take_over(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {
        scheme: _OURS.get(pool, pool) for scheme, pool in manager.pool_classes_by_scheme.items()
    }
