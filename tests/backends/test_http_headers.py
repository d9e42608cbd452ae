"""What the client says about itself, and what it never sends."""

from __future__ import annotations

from pathlib import Path

import pytest

from djhipchat2 import __version__
from djhipchat2.backends.http import HttpClient
from tests.backends.conftest import Serve
from tests.backends.raw_server import http


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
