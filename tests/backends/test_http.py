"""The client: connections, deadlines, what never leaves."""

from __future__ import annotations

import gzip
import os
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from djhipchat2 import __version__
from djhipchat2.backends.http import HttpClient
from djhipchat2.backends.unanswered import Unanswered
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.raw_server import drip, hang, http

SENT = b'{"status":"sent"}'


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def chunked(body: bytes, extra: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + extra
    return head + b"\r\n" + chunks(body[:5], body[5:])


@pytest.fixture
def client() -> Any:
    client = HttpClient()
    yield client
    client.close()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (http("204 No Content"), ""),
        (http("200 OK"), ""),
        (http(body=SENT), SENT.decode()),
        (chunked(SENT), SENT.decode()),
        (http(body=gzip.compress(SENT), Content_Encoding="gzip"), SENT.decode()),
        (chunked(gzip.compress(SENT), b"Content-Encoding: gzip\r\n"), SENT.decode()),
        (http(body=b"x" * 65_536), "x" * 65_536),
    ],
    ids=["204", "204 length 0", "empty", "length", "chunked", "gzip", "gzip chunked", "64 KiB"],
)
def test_a_connection_is_kept_after_any_kind_of_answer(
    serve: Serve, client: HttpClient, answer: bytes, text: str
) -> None:
    server = serve(answer)

    texts = {client.post(server.url, timeout=10, data={"a": "b"}).text for _ in range(4)}

    assert texts == {text}
    assert (len(server.requests), server.connections) == (4, 1)


def test_head_and_body_of_a_request_leave_together(
    serve: Serve, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(http())
    sent: list[bytes] = []

    def sendall(self: socket.socket, data: bytes) -> None:
        sent.append(data)
        self.send(data)

    monkeypatch.setattr(socket.socket, "sendall", sendall)
    client.post(server.url, timeout=10, data={"a": "b"})

    [request] = [data for data in sent if not data.startswith(b"HTTP/")]  # not the server's
    assert request.startswith(b"POST / ")
    assert request.endswith(b"\r\n\r\na=b")


def test_a_huge_answer_is_read_in_part_and_its_connection_dropped(
    serve: Serve, client: HttpClient
) -> None:
    server = serve(http(body=b"x" * 10_000_000))

    answers = [client.post(server.url, timeout=10, data={}) for _ in range(2)]

    assert [len(answer.text) for answer in answers] == [65_536, 65_536]
    assert server.connections == 2


def test_an_answer_that_unpacks_to_much_is_read_in_part(serve: Serve, client: HttpClient) -> None:
    server = serve(http(body=gzip.compress(b"x" * 10_000_000), Content_Encoding="gzip"))

    assert len(client.post(server.url, timeout=10, data={}).text) <= 65_536


def test_a_kept_connection_that_the_server_closed_is_replaced(
    serve: Serve, client: HttpClient
) -> None:
    server = serve(http(body=SENT, Connection="close"))

    statuses = [client.post(server.url, timeout=10, data={}).status for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert server.connections == 3


def test_a_connection_that_was_idle_for_long_is_replaced(
    serve: Serve, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("djhipchat2.backends.http.IDLE_SECONDS", 0)
    server = serve(http())

    client.post(server.url, timeout=10, data={})
    client.post(server.url, timeout=10, data={})

    assert server.connections == 2


def test_addresses_that_are_forgotten_are_prepared_anew(
    serve: Serve, client: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("djhipchat2.backends.http.LINES", 2)
    server = serve(http())

    for room in ("1", "2", "3", "1"):
        client.post(f"{server.url}/{room}", timeout=10, data={})

    assert [request.line.split()[1] for request in server.requests] == ["/1", "/2", "/3", "/1"]
    assert server.connections == 1


def test_connections_to_many_servers_are_kept_side_by_side(
    serve: Serve, client: HttpClient
) -> None:
    servers = [serve(http()) for _ in range(12)]

    for server in [*servers, *servers]:
        client.post(server.url, timeout=10, data={})

    assert [server.connections for server in servers] == [1] * 12
    assert [len(server.requests) for server in servers] == [2] * 12


def test_a_forked_process_has_connections_of_its_own(serve: Serve, client: HttpClient) -> None:
    server = serve(http())
    client.post(server.url, timeout=10, data={"by": "parent"})

    child = os.fork() or os._exit(client.post(server.url, timeout=10, data={"by": "child"}).status)
    _, status = os.waitpid(child, 0)
    client.post(server.url, timeout=10, data={"by": "parent again"})

    assert os.waitstatus_to_exitcode(status) == 200
    assert [request.form["by"] for request in server.requests] == [
        "parent",
        "child",
        "parent again",
    ]
    assert server.connections == 2


def test_a_preliminary_answer_alone_is_no_answer(serve: Serve, client: HttpClient) -> None:
    late = http("500 Internal Server Error")
    server = serve(b"HTTP/1.1 103 Early Hints\r\n\r\n" + late, http(body=SENT))

    with pytest.raises(Unanswered, match="only a preliminary answer, 103") as caught:
        client.post(server.url, timeout=10, data={})

    assert caught.value.outcome is Outcome.UNKNOWN
    assert client.post(server.url, timeout=10, data={}).text == SENT.decode()


@pytest.mark.parametrize(
    "behaviour",
    [
        hang,
        drip(b"HTTP/1.1 200 OK\r\n", b"X"),
        drip(b"", b" "),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause=0),
    ],
    ids=["silence", "endless header", "endless status", "flood of preliminary answers"],
)
def test_the_timeout_is_for_the_whole_answer(
    serve: Serve, client: HttpClient, behaviour: Any
) -> None:
    server = serve(behaviour)
    started = time.monotonic()

    with pytest.raises(Unanswered, match=r"127\.0\.0\.1 did not answer within 0\.4 s\.") as caught:
        client.post(server.url, timeout=0.4, data={})

    assert caught.value.outcome is Outcome.UNKNOWN
    assert 0.4 <= time.monotonic() - started < 60


def test_a_body_without_end_costs_no_more_than_the_timeout(
    serve: Serve, client: HttpClient
) -> None:
    server = serve(drip(b"HTTP/1.1 500 Oops\r\nContent-Length: 9000\r\n\r\n", b"x"), http())
    started = time.monotonic()

    answer = client.post(server.url, timeout=0.4, data={})

    assert (answer.status, answer.text) == (500, "")
    assert 0.4 <= time.monotonic() - started < 60
    assert client.post(server.url, timeout=10, data={}).status == 200
    assert server.connections == 2


def test_no_timeout_is_too_short_for_a_socket(serve: Serve, client: HttpClient) -> None:
    server = serve(hang)

    with pytest.raises(Unanswered, match=r"did not answer within 0\.1 s\."):
        client.post(server.url, timeout=-1, data={})


def test_netrc_is_not_read(
    serve: Serve, client: HttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ann password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(http())

    client.post(server.url, timeout=10, headers={"Authorization": "Bearer TOK"}, body={})
    client.post(server.url, timeout=10, data={})

    assert server.requests[0].headers["authorization"] == "Bearer TOK"
    assert "authorization" not in server.requests[1].headers


def test_cookies_are_not_kept(serve: Serve, client: HttpClient) -> None:
    server = serve(http(Set_Cookie="session=abc; Path=/"))

    client.post(server.url, timeout=10, data={})
    client.post(server.url, timeout=10, data={})

    assert "cookie" not in server.requests[1].headers


def test_the_client_says_who_it_is_and_asks_for_no_compression(
    serve: Serve, client: HttpClient
) -> None:
    server = serve(http())

    client.post(server.url, timeout=10, data={"a": "b"})

    assert server.requests[0].headers["user-agent"] == f"djhipchat2/{__version__}"
    assert server.requests[0].headers["accept-encoding"] == "identity"
