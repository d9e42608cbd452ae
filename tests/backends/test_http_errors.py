"""What it comes to when no answer comes."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.base import Result
from djhipchat2.backends.http import HttpClient
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.raw_server import drop, http
from tests.backends.sending import deliver


def gist(result: Result) -> tuple[str, str, int | None]:
    return str(result.outcome), result.error, result.http_status


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of connections to accept is full, so that no more are answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(address)
        yield address[1]
        for each in waiting:
            each.close()


def test_nobody_listens(closed_port: int) -> None:
    assert gist(deliver(f"http://127.0.0.1:{closed_port}")) == (
        "unavailable",
        f"No connection to 127.0.0.1:{closed_port}: Connection refused.",
        None,
    )


def test_no_such_host() -> None:
    result = deliver("http://hipchat.invalid")

    assert result.outcome is Outcome.UNAVAILABLE
    assert result.error.startswith("No connection to hipchat.invalid: ")


def test_nobody_accepts_in_time(full_port: int) -> None:
    assert gist(deliver(f"http://127.0.0.1:{full_port}", timeout=0.4)) == (
        "unavailable",
        f"127.0.0.1:{full_port} did not accept a connection within 0.4 s.",
        None,
    )


def test_the_connection_is_dropped_before_the_answer(serve: Serve) -> None:
    assert gist(deliver(serve(drop).url)) == (
        "unknown",
        "The connection to 127.0.0.1 broke: RemoteDisconnected.",
        None,
    )


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 2", b"SSH-2.0-OpenSSH_9.2\r\n"])
def test_what_comes_is_no_answer(serve: Serve, beginning: bytes) -> None:
    def send(connection: socket.socket, _stopped: object) -> None:
        connection.sendall(beginning)

    assert gist(deliver(serve(send).url)) == (
        "unknown",
        "The connection to 127.0.0.1 broke: BadStatusLine.",
        None,
    )


@pytest.mark.parametrize(
    ("status", "outcome", "error"),
    [
        ("200 OK", "accepted", ""),
        ("400 Bad Request", "rejected", "HTTP 400: Bad Request"),
        ("503 Busy", "unavailable", "HTTP 503: Service Unavailable"),
    ],
)
def test_half_an_answer_counts_by_its_status(
    serve: Serve, status: str, outcome: str, error: str
) -> None:
    def send(connection: socket.socket, _stopped: object) -> None:
        whole = http(status, b'{"error": {"message": "never read"}}')
        connection.sendall(whole[:-10])

    result = deliver(serve(send).url)

    assert (str(result.outcome), result.error, result.answer) == (outcome, error, "")


@pytest.mark.parametrize(
    "url",
    ["http://a..b", "http://" + "x" * 70, "http://*.example.com", "ftp://example.com", "http:"],
)
def test_an_address_that_is_none_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        HttpClient().post(url, timeout=1, data={})

    assert str(caught.value).endswith(": correct the address, the token or the proxy.")


def test_a_header_that_http_cannot_carry_is_a_wrong_setting() -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        HttpClient().post("http://127.0.0.1", timeout=1, headers={"X": "secret\r\nY: z"}, data={})

    assert str(caught.value) == "InvalidHeader: correct the address, the token or the proxy."
