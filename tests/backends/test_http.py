"""The client: how requests leave, how answers are read, and which connections are kept."""

from __future__ import annotations

import gzip
import os
import socket

import pytest

from djhipchat2.backends.http import HttpClient
from djhipchat2.backends.unanswered import Unanswered
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.raw_server import http

SENT = b'{"status":"sent"}'


def chunks(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (*parts, b""))


def chunked(body: bytes, extra: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + extra
    return head + b"\r\n" + chunks(body[:5], body[5:])


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
