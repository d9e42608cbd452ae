"""Apprise: what is not logged, not told to others and not kept."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path

import pytest

from djhipchat2.backends.apprise import secrets_of
from djhipchat2.states import Outcome
from tests.backends.apprise_sending import SECRET, address, deliver
from tests.backends.conftest import Serve
from tests.backends.raw_server import http


def test_no_secret_is_logged_or_told(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    server = serve(http("500 Oops"))

    results = [
        deliver(address(server, "json")),
        deliver(address(server, "mmost")),
        deliver(f"json://ann:p4ssw0rd@127.0.0.1:{server.port}/x"),
    ]
    logging.getLogger("apprise").setLevel(logging.NOTSET)

    assert [result.outcome for result in results] == [Outcome.UNKNOWN] * 3
    assert [record for record in caplog.records if record.name == "apprise"] == []
    for secret in (SECRET, "p4ssw0rd"):
        assert secret not in caplog.text + repr(results)


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("slack://botname@T1JJ3T3L2/A1BRTD4JD/TIiajkdnl/#general", {"T1JJ3T3L2", "TIiajkdnl"}),
        ("mailto://ann:pa%2Fss@example.com", {"pa%2Fss", "pa/ss"}),
        ("tgram://123456789:AABBCCDDEEFF/98765?format=html", {"123456789", "AABBCCDDEEFF"}),
        ("json://localhost?+X-Token=topsecret", {"topsecret"}),
    ],
)
def test_every_piece_of_an_address_may_be_a_secret(url: str, hidden: set[str]) -> None:
    assert {url, *hidden} <= set(secrets_of(url))


def test_threads_have_logs_of_their_own(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    sending, logged = threading.Event(), threading.Event()

    def answer_when_logged(connection: socket.socket, _stopped: threading.Event) -> None:
        sending.set()
        logged.wait(5)
        connection.sendall(http())

    server = serve(answer_when_logged)
    thread = threading.Thread(target=deliver, args=(address(server),))
    thread.start()
    sending.wait(5)
    logging.getLogger("apprise").warning("somebody else's")
    logged.set()
    thread.join()

    assert caplog.messages == ["somebody else's"]


def test_nothing_names_an_icon_elsewhere(serve: Serve) -> None:
    server = serve(http())

    deliver(address(server, "mmost", "?image=yes"))

    assert b"github" not in server.requests[0].body
    assert "icon_url" not in server.requests[0].json


def test_nothing_is_kept_on_disk(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    deliver(address(serve(http()), "mmost"))

    assert list(tmp_path.iterdir()) == []
