"""What the system checks say about a ``request`` connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, Error, Warning, run_checks
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.connections import connections
from djhipchat2.logger import HipChatHandler

REQUEST = "djhipchat2.backends.request.HipChatBackend"
SECRET = "s3cretToken"

#: Django 6.1 hands the databases to every run of the checks.
# Django asks every database what it supports.
pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def working(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings with which everything is right; no other test's connections."""
    monkeypatch.setattr(connections, "_registered", {})
    settings.HIPCHAT_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = "https://hipchat.example.com"
    settings.HIPCHAT_API_TOKEN = SECRET
    return settings


def found() -> list[CheckMessage]:
    return [message for message in run_checks() if str(message.id).startswith("djhipchat2.")]


def the_one() -> CheckMessage:
    (message,) = found()
    return message


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8088",
        "http://127.0.0.1:8088",
        "http://127.1.2.3",
        "http://[::1]:8000",
        "http://chat.localhost",
        "https://hipchat.example.com/prefix/v2",
        "https://nothipchat.com",
    ],
)
def test_silence_about_good_addresses(settings: Any, url: str) -> None:
    settings.HIPCHAT_API_URL = url

    assert found() == []


def test_e001_a_token_is_missing(settings: Any) -> None:
    settings.HIPCHAT_API_TOKEN = " "

    assert the_one() == Error(
        "The connection 'default' has no token.",
        hint="Set HIPCHAT_API_TOKEN = os.environ['HIPCHAT_API_TOKEN'].",
        id="djhipchat2.E001",
    )


def test_e001_a_connection_to_another_server_needs_a_token_of_its_own(settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "ops": {"BACKEND": REQUEST, "OPTIONS": {"api_url": "https://chat.example.com"}}
    }

    assert the_one() == Error(
        "The connection 'ops' has no token.",
        hint="Set HIPCHAT_CONNECTIONS['ops']['OPTIONS']['token'] to its server's token.",
        id="djhipchat2.E001",
    )


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (
            {"api_url": "chat.example.com"},
            "Set HIPCHAT_CONNECTIONS['ops']['OPTIONS']['api_url'] = 'https://hipchat.example.com'.",
        ),
        (
            {"api_url": f"https://chat.example.com/?auth_token={SECRET}"},
            "Set HIPCHAT_CONNECTIONS['ops']['OPTIONS']['api_url'] to the address alone and "
            "HIPCHAT_CONNECTIONS['ops']['OPTIONS']['token'] to the token.",
        ),
        (
            {"api_url": "http://chat.example.com"},
            "Set HIPCHAT_CONNECTIONS['ops']['OPTIONS']['api_url'] = 'https://chat.example.com'.",
        ),
        (
            {"ca_bundle": "/no/such/file.pem"},
            "Set HIPCHAT_CONNECTIONS['ops']['OPTIONS']['ca_bundle'] to the path of a PEM file, or "
            "to a folder of them.",
        ),
    ],
)
def test_a_hint_names_the_option_where_the_connection_has_its_own(
    settings: Any, options: dict[str, str], hint: str
) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "ops": {"BACKEND": REQUEST, "OPTIONS": {"token": "TOK", **options}}
    }

    assert the_one().hint == hint


def test_e008_the_token_of_a_logging_handler_cannot_be_one() -> None:
    HipChatHandler(room="Ops", token=f"token {SECRET}")

    assert (the_one().id, the_one().hint) == (
        "djhipchat2.E008",
        "Copy the token of its HipChatHandler in LOGGING again, without words or quotes around it.",
    )


@pytest.mark.parametrize("url", ["hipchat.example.com", "ftp://example.com", "https://[::1"])
def test_e002_the_address_is_none(settings: Any, url: str) -> None:
    settings.HIPCHAT_API_URL = url

    assert the_one() == Error(
        "The api_url of the connection 'default' is not an http(s) address.",
        hint="Set HIPCHAT_API_URL = 'https://hipchat.example.com'.",
        id="djhipchat2.E002",
    )


@pytest.mark.parametrize(
    ("url", "trouble"),
    [
        ("https://chat.example.com:99999", "has a port 99999 that is none; ports are numbers from"),
        ("https://chat.example.com:0/v1", "has a port 0 that is none; ports are numbers from 1 to"),
        (f"https://ann:{SECRET}", "has a port that is none; ports are numbers from 1 to 65,535."),
    ],
)
def test_e002_the_address_s_port_is_none(settings: Any, url: str, trouble: str) -> None:
    settings.HIPCHAT_API_URL = url

    message = the_one()

    assert message.id == "djhipchat2.E002"
    assert message.msg.startswith(f"The api_url of the connection 'default' {trouble}")
    assert SECRET not in str(message)


def test_hints_name_hipchat_options_where_the_value_stands_there(settings: Any) -> None:
    settings.HIPCHAT_OPTIONS = {"token": f"token {SECRET}"}
    HipChatHandler(room="Ops", token="TOK")

    assert the_one().hint == (
        "Copy HIPCHAT_OPTIONS['token'] again, without words or quotes around it."
    )


def test_a_handler_without_an_address_has_that_of_hipchat_options(settings: Any) -> None:
    settings.HIPCHAT_OPTIONS = {"api_url": "chat.example.com", "token": "TOK"}
    HipChatHandler(room="Ops", token="TOK2")

    assert {message.hint for message in found()} == {
        "Set HIPCHAT_OPTIONS['api_url'] = 'https://hipchat.example.com'."
    }


@pytest.mark.parametrize("token", [f"'{SECRET}'", f'"{SECRET}"', f"`{SECRET}`", f"{SECRET}'"])
def test_e008_quotes_were_copied_along_with_the_token(settings: Any, token: str) -> None:
    settings.HIPCHAT_API_TOKEN = token

    message = the_one()

    assert message.id == "djhipchat2.E008"
    assert message.msg == (
        "The token of the connection 'default' cannot be one: it has quotes around it."
    )
    with pytest.raises(ImproperlyConfigured, match="has quotes around it; copy it again"):
        connections["default"].require_settings()


@pytest.mark.parametrize(
    "url",
    [
        f"https://chat.example.com/v1/rooms/message?auth_token={SECRET}",
        f"https://ann:{SECRET}@chat.example.com",
        f"https://{SECRET}@chat.example.com",
        f"https://chat.example.com/{SECRET}/v1",
        f"https://chat.example.com#{SECRET}",
    ],
)
def test_e003_the_address_carries_a_secret(settings: Any, url: str) -> None:
    settings.HIPCHAT_API_URL = url

    assert the_one() == Error(
        "The api_url of the connection 'default' carries more than the address of "
        "chat.example.com: a user, a query or the token.",
        hint="Set HIPCHAT_API_URL to the address alone and HIPCHAT_API_TOKEN to the token.",
        id="djhipchat2.E003",
    )


def test_e008_the_token_cannot_be_one(settings: Any) -> None:
    settings.HIPCHAT_API_TOKEN = f"token {SECRET}"

    assert the_one() == Error(
        "The token of the connection 'default' cannot be one: it has blanks, or characters beyond "
        "ASCII.",
        hint="Copy HIPCHAT_API_TOKEN again, without words or quotes around it.",
        id="djhipchat2.E008",
    )


def test_e009_the_certificates_cannot_be_read(settings: Any, tmp_path: Path) -> None:
    settings.HIPCHAT_CA_BUNDLE = str(tmp_path / "ca.pem")

    assert the_one() == Error(
        "The ca_bundle of the connection 'default' is no file of certificates: ca.pem.",
        hint="Set HIPCHAT_CA_BUNDLE to the path of a PEM file, or to a folder of them.",
        id="djhipchat2.E009",
    )


def test_a_folder_of_certificates_is_taken(settings: Any, tmp_path: Path) -> None:
    settings.HIPCHAT_CA_BUNDLE = str(tmp_path)

    assert found() == []


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("http://chat.example.com", "https://chat.example.com"),
        ("HTTP://chat.example.com:8080/prefix", "https://chat.example.com:8080/prefix"),
        ("http://chat.example.com:80/prefix", "https://chat.example.com/prefix"),
    ],
)
def test_w001_the_token_travels_unencrypted(settings: Any, url: str, remedy: str) -> None:
    settings.HIPCHAT_API_URL = url

    assert the_one() == Warning(
        "The connection 'default' sends its token to chat.example.com unencrypted.",
        hint=f"Set HIPCHAT_API_URL = '{remedy}'.",
        id="djhipchat2.W001",
    )


@pytest.mark.parametrize("url", [None, "https://api.hipchat.com/v1/", "http://acme.HipChat.com"])
def test_w002_hipchat_s_cloud_is_closed(settings: Any, url: str | None) -> None:
    settings.HIPCHAT_API_URL = url

    assert the_one() == Warning(
        "The connection 'default' sends to HipChat's cloud, which closed in 2019.",
        hint="Set HIPCHAT_API_URL to the address of your own server.",
        id="djhipchat2.W002",
    )
