"""The client waits no longer than the timeout, for the whole answer."""

from __future__ import annotations

import time
from typing import Any

import pytest

from djhipchat2.backends.http import HttpClient
from djhipchat2.backends.unanswered import Unanswered
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.raw_server import drip, hang, http


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
