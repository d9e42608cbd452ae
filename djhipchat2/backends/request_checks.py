"""What system checks say about a ``request`` connection's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.core.checks import CheckMessage, Error, Warning

from ..conf import settings
from .proxy_checks import check_proxies
from .request_options import has_secret
from .service_checks import check_certificates, check_token, unencrypted
from .service_options import address_trouble, is_local, split_address

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
    place = _place(backend, "ca_bundle")
    certificates = check_certificates(backend.alias, backend.ca_bundle, place=place)
    proxies = check_proxies(backend)
    return [*_check_token(backend), *_check_url(backend), *certificates, *proxies]


def _place(backend: HipChatBackend, option: str) -> str:
    """Return where the project's settings say what a connection has for an option."""
    # A connection with an address of its own has no token but its own.
    deciding = ("token", "api_url") if option == "token" else (option,)
    given = [name for name in deciding if name in backend.options]
    if not given:
        return _SETTINGS[option]
    if backend.alias in settings.connections:
        return f"HIPCHAT_CONNECTIONS[{backend.alias!r}]['OPTIONS'][{option!r}]"
    # A handler without an option of its own has that of the connection "default".
    if all(settings.options.get(name) == backend.options[name] for name in given):
        return f"HIPCHAT_OPTIONS[{option!r}]"
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
    place = _place(backend, "token")
    return check_token(backend.alias, "token", backend.token, place=place)


def _check_url(backend: HipChatBackend) -> list[CheckMessage]:
    url, place = backend.api_url, _place(backend, "api_url")
    if not split_address(url):
        return [
            Error(
                f"The api_url of the connection {backend.alias!r} {address_trouble(url)}.",
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
    if parts.scheme == "http" and not is_local(host):
        encrypted = parts._replace(scheme="https", netloc=parts.netloc.removesuffix(":80"))
        hint = f"Set {place} = '{encrypted.geturl()}'."
        return [unencrypted(backend.alias, "token", host, hint)]
    return []
