"""What the system checks say about proxies."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
from django.core.checks import Error

from djhipchat2.backends import proxy_checks
from djhipchat2.checks import check_settings
from djhipchat2.connections import connections

REQUEST = "djhipchat2.backends.request.HipChatBackend"
SLACK = "djhipchat2.backends.slack.HipChatBackend"
SECRET = "s3cretPassword"
PROXY = "http://proxy.example.com:3128"


@pytest.fixture(autouse=True)
def working(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings with which everything is right."""
    monkeypatch.setattr(connections, "_registered", {})
    settings.HIPCHAT_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = "https://hipchat.example.com"
    settings.HIPCHAT_API_TOKEN = "TOK"
    return settings


@pytest.mark.parametrize(
    "proxies",
    [
        {},
        {"http": PROXY, "https": PROXY},
        {"all": "proxy.example.com:3128"},
        {"https://hipchat.example.com": f"http://ann:{SECRET}@proxy.example.com"},
        {"https": None, "http": ""},
        {"https": "https://[::1]:3128"},
    ],
)
def test_silence_about_good_proxies(settings: Any, proxies: dict[str, str | None]) -> None:
    settings.HIPCHAT_PROXIES = proxies

    assert check_settings() == []


@pytest.mark.parametrize("key", ["HTTPS", "https:", "ftp", "*", 7, "https://host:443"])
def test_e020_no_request_looks_for_the_key(settings: Any, key: object) -> None:
    settings.HIPCHAT_PROXIES = {key: f"http://ann:{SECRET}@proxy"}

    assert check_settings() == [
        Error(
            f"HIPCHAT_PROXIES has a key {key!r} that no request looks for.",
            hint=f"The keys are 'http', 'https' and 'all': {{'https': '{PROXY}'}}.",
            id="djhipchat2.E020",
        )
    ]


@pytest.mark.parametrize(
    "address",
    [
        7,
        f"ftp://ann:{SECRET}@proxy",
        f"http://ann:{SECRET}@",
        f"http://ann:{SECRET}@proxy:99999",
        f"http://ann:{SECRET}",
        f"http://[::1:{SECRET}",
        "http://",
    ],
)
def test_e020_the_address_is_no_proxy_s(settings: Any, address: object) -> None:
    settings.HIPCHAT_PROXIES = {"https": address}

    assert check_settings() == [
        Error(
            "HIPCHAT_PROXIES has no address of a proxy for 'https'.",
            hint=f"Set it to one like '{PROXY}'.",
            id="djhipchat2.E020",
        )
    ]


def test_e020_an_address_in_the_place_of_the_key_is_not_repeated(settings: Any) -> None:
    settings.HIPCHAT_PROXIES = {f"http://ann:{SECRET}@proxy": "https"}

    (found,) = check_settings()

    assert found.msg == "HIPCHAT_PROXIES has a key that no request looks for."


@pytest.mark.parametrize("backend", [REQUEST, SLACK])
def test_e020_the_option_of_a_connection_is_checked(settings: Any, backend: str) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "ops": {"BACKEND": backend, "OPTIONS": {"token": "xoxb-1", "proxies": {"HTTPS": PROXY}}}
    }

    (found,) = check_settings()

    assert (found.id, found.msg) == (
        "djhipchat2.E020",
        "The option proxies of the connection 'ops' has a key 'HTTPS' that no request looks for.",
    )


@pytest.mark.parametrize("is_installed", [True, False])
def test_e020_a_socks_proxy_needs_a_library(
    settings: Any, monkeypatch: pytest.MonkeyPatch, is_installed: object
) -> None:
    spec = importlib.util.find_spec("json") if is_installed else None
    monkeypatch.setattr(proxy_checks, "find_spec", lambda name: spec)
    settings.HIPCHAT_PROXIES = {"https": "socks5h://127.0.0.1:1080"}

    hints = [found.hint for found in check_settings()]

    assert hints == ([] if is_installed else ["Type: python -m pip install 'requests[socks]'"])
