"""Options of a ``request`` connection: kinds, address, token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.request import HipChatBackend
from tests.backends.conftest import Serve
from tests.backends.raw_server import http
from tests.backends.sending import TOKEN, a_message, backend_for


def test_every_option_goes_before_its_setting(settings: Any) -> None:
    settings.HIPCHAT_TIMEOUT = 9
    settings.HIPCHAT_API_VERSION = 1
    backend = backend_for(
        "https://chat.example.com/v2",
        api_version=2,
        timeout=3,
        ca_bundle=Path("ca.pem"),
        proxies={"https": "http://proxy:3128"},
    )

    assert (backend.api_url, backend.token) == ("https://chat.example.com", TOKEN)
    assert (backend.api_version, backend.time_limit, backend.ca_bundle) == (2, 3, "ca.pem")


def test_an_option_of_none_is_the_setting(settings: Any) -> None:
    settings.HIPCHAT_TIMEOUT = 9
    backend = HipChatBackend(alias="ops", timeout=None, api_version=None, ca_bundle=None)

    assert (backend.time_limit, backend.api_version, backend.ca_bundle) == (9, 1, "")


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("token", 12345, "is of type int; set it to a string."),
        ("api_url", b"http://x", "is of type bytes; set it to a string."),
        ("ca_bundle", 1, "is of type int; set it to the path of a file or a folder."),
        (
            "proxies",
            "http://ann:secret@proxy",
            "is of type str; set it to a dictionary of proxy addresses by scheme.",
        ),
        ("api_version", "2", "is '2'; set it to the number 1 or 2."),
        ("api_version", 3, "is 3; set it to the number 1 or 2."),
        ("timeout", "10", "is '10'; set it to a number of seconds from 0.1 to 1,000,000,000."),
        ("timeout", -1, "is -1; set it to a number of seconds from 0.1 to 1,000,000,000."),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(option: str, value: Any, problem: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        HipChatBackend(alias="ops", **{option: value})

    assert str(caught.value) == f"The option {option} of the connection ops {problem}"


def test_a_backend_without_an_alias_is_named_so() -> None:
    with pytest.raises(
        ImproperlyConfigured, match="of the connection without a name is of type int"
    ):
        HipChatBackend(token=1)


def test_an_unknown_option_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        backend_for("http://127.0.0.1", tokn="secret", retries=3)

    assert str(caught.value) == (
        "The backend djhipchat2.backends.request.HipChatBackend of the connection ops has no "
        "option retries, tokn. Its options: token, api_url, api_version, timeout, ca_bundle, "
        "proxies."
    )


def test_the_project_s_token_goes_to_no_other_server(serve: Serve, settings: Any) -> None:
    settings.HIPCHAT_API_TOKEN = "SECRET"
    server = serve(http())
    backend = HipChatBackend(alias="ops", api_url=server.url)

    with pytest.raises(ImproperlyConfigured) as caught:
        backend.deliver(a_message())

    assert str(caught.value) == (
        "HipChat API token not set: set HIPCHAT_API_TOKEN, or the option token of the connection "
        "ops."
    )
    assert server.connections == 0


@pytest.mark.parametrize("token", [None, "", "  "])
def test_an_empty_token_of_its_own_does_not_fall_back(settings: Any, token: str | None) -> None:
    settings.HIPCHAT_API_TOKEN = "SECRET"

    assert HipChatBackend(token=token).token == ""


@pytest.mark.parametrize("token", ["two words", "tok\nen", "t\xf6ken", "\N{ROCKET}"])
def test_a_token_that_http_cannot_carry_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        backend_for("http://127.0.0.1", token=token).require_settings()

    assert str(caught.value) == (
        "The token of the connection ops has blanks, or characters beyond ASCII; copy it again."
    )


def test_blanks_around_a_token_do_not_matter() -> None:
    assert backend_for("http://127.0.0.1", token=" TOK\n").token == "TOK"


@pytest.mark.parametrize(
    "url",
    [
        "hipchat.example.com",
        "ftp://hipchat.example.com",
        "https://",
        "https://[::1",
        "https://hipchat.example.com:port",
        f"https://hipchat.example.com/v1/rooms/message?auth_token={TOKEN}",
        "https://hipchat.example.com?",
        "https://hipchat.example.com/#top",
        "https://ann:secret@hipchat.example.com",
        f"https://hipchat.example.com/{TOKEN}",
    ],
)
def test_an_address_must_be_an_address_alone(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        backend_for(url).require_settings()

    assert str(caught.value) == (
        "The api_url of the connection ops must be an address alone, without user, query or "
        "token: HIPCHAT_API_URL = 'https://hipchat.example.com'."
    )


@pytest.mark.parametrize(
    "url", ["https://hipchat.example.com:8443/a/b", "http://[::1]:8000", "HTTPS://Chat.example.com"]
)
def test_other_addresses_are_taken(url: str) -> None:
    backend = backend_for(url)

    assert backend.require_settings() is None
