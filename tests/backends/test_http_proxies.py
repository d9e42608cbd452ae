"""Proxies, as the project or the environment sets them."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.raw_server import drop, hang, http
from tests.backends.sending import TOKEN, deliver

ELSEWHERE = "http://hipchat.invalid"


def test_the_option_names_the_proxy(serve: Serve) -> None:
    proxy = serve(http())

    result = deliver(ELSEWHERE, proxies={"http": proxy.url})

    assert result.outcome is Outcome.ACCEPTED
    assert [r.line for r in proxy.requests] == [
        "POST http://hipchat.invalid/v1/rooms/message HTTP/1.1"
    ]


def test_the_setting_names_the_proxy(serve: Serve, settings: Any) -> None:
    proxy = serve(http())
    settings.HIPCHAT_PROXIES = {"http": proxy.url}

    assert deliver(ELSEWHERE).outcome is Outcome.ACCEPTED
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "ALL_PROXY"])
def test_the_environment_names_the_proxy(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    proxy = serve(http())
    monkeypatch.setenv(name, proxy.url)

    assert deliver(ELSEWHERE).outcome is Outcome.ACCEPTED
    assert len(proxy.requests) == 1


def test_the_environment_names_hosts_without_a_proxy(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(http("500 Oops")), serve(http())
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert deliver(server.url).outcome is Outcome.ACCEPTED
    assert (len(proxy.requests), len(server.requests)) == (0, 1)


def test_the_option_goes_before_the_environment(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, proxy = serve(http("500 Oops")), serve(http())
    monkeypatch.setenv("HTTP_PROXY", wrong.url)

    assert deliver(ELSEWHERE, proxies={"http": proxy.url}).outcome is Outcome.ACCEPTED
    assert (len(wrong.requests), len(proxy.requests)) == (0, 1)


def test_a_secure_server_is_reached_through_a_tunnel_that_shows_no_token(serve: Serve) -> None:
    proxy = serve(http("407 Proxy Authentication Required"))

    result = deliver("https://hipchat.invalid", api_version=2, proxies={"https": proxy.url})

    assert (result.outcome, result.error) == (
        Outcome.UNAVAILABLE,
        "The proxy did not connect to hipchat.invalid.",
    )
    assert [r.line.rpartition(" ")[0] for r in proxy.requests] == ["CONNECT hipchat.invalid:443"]
    assert TOKEN not in str(proxy.requests)


@pytest.mark.parametrize("behaviour", [drop, hang], ids=["drop", "hang"])
def test_a_tunnel_that_is_not_made_has_certainly_not_carried_the_message(
    serve: Serve, behaviour: Any
) -> None:
    proxy = serve(behaviour)

    result = deliver("https://hipchat.invalid", timeout=0.4, proxies={"https": proxy.url})

    assert result.outcome is Outcome.UNAVAILABLE


def test_a_proxy_that_is_not_there(serve: Serve) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://ann:secret@127.0.0.1:{listener.getsockname()[1]}"

    result = deliver(ELSEWHERE, proxies={"http": address})

    assert (result.outcome, result.error) == (
        Outcome.UNAVAILABLE,
        "The proxy did not connect to hipchat.invalid.",
    )


def test_a_proxy_s_password_is_sent_to_it_alone(serve: Serve) -> None:
    proxy = serve(http("502 Bad Gateway"))
    address = proxy.url.replace("//", "//ann:secret@")

    result = deliver(ELSEWHERE, proxies={"http": address})

    assert proxy.requests[0].headers["proxy-authorization"] == "Basic YW5uOnNlY3JldA=="
    assert (result.outcome, result.error) == (Outcome.UNAVAILABLE, "HTTP 502: Bad Gateway")


def test_an_address_of_a_proxy_that_is_none_is_a_wrong_setting() -> None:
    with pytest.raises(ImproperlyConfigured, match="correct the address, the token or the proxy"):
        deliver(ELSEWHERE, proxies={"http": "http:///nowhere"})
