"""Servers and services of a test's own, and an environment without proxies."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from djhipchat2.backends.http import HttpClient
from tests.backends.chat_receiver import SERVICES, Service
from tests.backends.raw_server import Behaviour, RawServer

if TYPE_CHECKING:
    from tests.matrix_server import User

Serve = Callable[..., RawServer]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that answer with bytes; they stop after the test."""
    with ExitStack() as stack:

        def start(
            *answers: bytes | Behaviour,
            context: ssl.SSLContext | None = None,
            at_once: bool = False,
        ) -> RawServer:
            return stack.enter_context(RawServer(*answers, context=context, at_once=at_once))

        yield start


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> str:
    """Path of the authority's certificate."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """What a server at 127.0.0.1 needs to speak TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """The client of the backends, which takes the name of Django's."""
    client = HttpClient()
    yield client
    client.close()


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    """Each chat service."""
    return SERVICES[request.param]


@pytest.fixture
def bot() -> User:
    """An account at Synapse that sends messages."""
    from tests import matrix_server  # loads matrix-nio, which takes long

    return matrix_server.register("bot")


@pytest.fixture(scope="module")
def reader() -> User:
    """An account at Synapse that makes rooms and reads them."""
    from tests import matrix_server

    return matrix_server.register("reader")
