"""What system checks say about a ``request`` connection's settings."""

from __future__ import annotations

import os
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from ..conf import settings
from .http import require_certificates
from .request_options import has_secret, is_sendable, split_address

if TYPE_CHECKING:
    from .request import HipChatBackend

#: HipChat's cloud answered on this domain and those below it.
CLOSED_DOMAIN = "hipchat.com"

_SETTINGS = {
    "token": "HIPCHAT_API_TOKEN",
    "api_url": "HIPCHAT_API_URL",
    "ca_bundle": "HIPCHAT_CA_BUNDLE",
}


def check(backend: HipChatBackend) -> list[CheckMessage]:
    """Return what is wrong with token, address and certificates, without repeating a secret."""
    return [*_check_token(backend), *_check_url(backend), *_check_certificates(backend)]


def _place(backend: HipChatBackend, option: str) -> str:
    """Return where the project's settings say what a connection has for an option."""
    # A connection with an address of its own has no token but its own.
    deciding = ("token", "api_url") if option == "token" else (option,)
    if not any(name in backend.options for name in deciding):
        return _SETTINGS[option]
    if backend.alias in settings.connections:
        return f"HIPCHAT_CONNECTIONS[{backend.alias!r}]['OPTIONS'][{option!r}]"
    return f"the {option} of its HipChatHandler in LOGGING"


def _check_token(backend: HipChatBackend) -> list[CheckMessage]:
    if not backend.token:
        place = _place(backend, "token")
        value = "os.environ['HIPCHAT_API_TOKEN']"
        is_shared = place == "HIPCHAT_API_TOKEN"
        hint = f"Set {place} = {value}." if is_shared else f"Set {place} to its server's token."
        return [
            Error(
                f"The connection {backend.alias!r} has no token.", hint=hint, id="djhipchat2.E001"
            )
        ]
    if not is_sendable(backend.token):
        return [
            Error(
                f"The token of the connection {backend.alias!r} cannot be one: it has blanks, or "
                "characters beyond ASCII.",
                hint=f"Copy {_place(backend, 'token')} again, without words or quotes around it.",
                id="djhipchat2.E008",
            )
        ]
    return []


def _check_url(backend: HipChatBackend) -> list[CheckMessage]:
    url, place = backend.api_url, _place(backend, "api_url")
    if not split_address(url):
        return [
            Error(
                f"The api_url of the connection {backend.alias!r} is not an http(s) address.",
                hint=f"Set {place} = 'https://hipchat.example.com'.",
                id="djhipchat2.E002",
            )
        ]
    parts = urlsplit(url)
    host = parts.hostname or ""
    if has_secret(url, backend.token):
        return [
            Error(
                f"The api_url of the connection {backend.alias!r} carries more than the address of "
                f"{host}: a user, a query or the token.",
                hint=f"Set {place} to the address alone and {_place(backend, 'token')} to the "
                "token.",
                id="djhipchat2.E003",
            )
        ]
    if host == CLOSED_DOMAIN or host.endswith(f".{CLOSED_DOMAIN}"):
        return [
            Warning(
                f"The connection {backend.alias!r} sends to HipChat's cloud, which closed in 2019.",
                hint=f"Set {place} to the address of your own server.",
                id="djhipchat2.W002",
            )
        ]
    if parts.scheme == "http" and not _is_local(host):
        return [
            Warning(
                f"The connection {backend.alias!r} sends its token to {host} unencrypted.",
                hint=f"Set {place} = 'https://{host}'.",
                id="djhipchat2.W001",
            )
        ]
    return []


def _is_local(host: str) -> bool:
    """Return whether what is sent to a host stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _check_certificates(backend: HipChatBackend) -> list[CheckMessage]:
    if not backend.ca_bundle:
        return []
    try:
        require_certificates("ca_bundle", backend.ca_bundle)
    except ImproperlyConfigured:
        return [
            Error(
                f"The ca_bundle of the connection {backend.alias!r} is no file of certificates: "
                f"{os.path.basename(backend.ca_bundle)}.",
                hint=f"Set {_place(backend, 'ca_bundle')} to the path of a PEM file, or to a "
                "folder of them.",
                id="djhipchat2.E009",
            )
        ]
    return []
