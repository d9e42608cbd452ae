"""Which texts of the project's settings are secrets, for who must not show one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlsplit

from .backends.base import HipChatBackendBase
from .backends.legacy import LegacyBackend
from .backends.service_options import secrets_of
from .conf import settings
from .connections import connections

#: Shorter ones would be found in ordinary words.
LEAST_SECRET = 6


def configured_secrets() -> list[str]:
    """
    Return the tokens, webhooks and passwords of all connections, as they are and in pieces.

    Raise nothing: whoever asks is telling of another error.
    """
    found: set[str] = set()
    with suppress(Exception):
        found.add(settings.api_token)
    with suppress(Exception):
        found.update(_of_login(settings.api_url))
    with suppress(Exception):
        found.update(_of_proxies(settings.proxies))
    with suppress(Exception):
        for alias in connections.aliases():
            found.update(_of_connection(alias))
    return [secret for secret in found if len(secret) >= LEAST_SECRET]


def has_secret_options(backend: HipChatBackendBase) -> bool:
    """Return whether a connection's own options carry a secret."""
    named = any(backend.options.get(name) for name in backend.secret_options)
    return named or any(_of_proxies(backend.options.get("proxies")))


def has_secret_proxies() -> bool:
    """Return whether the proxies of all connections have a password."""
    return any(_of_proxies(settings.proxies))


def _of_connection(alias: str) -> Iterator[str]:
    try:
        backend = connections[alias]
    except Exception:  # noqa: BLE001 - nobody knows what it is, so all of it is taken as secret
        yield from _texts(settings.options if alias == "default" else settings.connections[alias])
        return
    if isinstance(backend, LegacyBackend):
        yield from _texts(backend.options)  # a class of 2013 does not say which are secret
        return
    for name in backend.secret_options:
        for text in _texts(backend.options.get(name)):
            yield text
            # A Telegram token is a bot's public number, a colon and what is secret.
            yield from _of_address(text) if "://" in text else [text.rpartition(":")[2]]
    yield from _of_proxies(backend.options.get("proxies"))
    with suppress(ValueError):
        yield from _of_login(str(backend.options.get("api_url") or ""))


def _of_address(url: str) -> Iterator[str]:
    with suppress(ValueError):
        yield from secrets_of(url)
        yield from _of_login(url)


def _of_proxies(proxies: Any) -> Iterator[str]:
    for address in _texts(proxies):
        # Python's own rule for a proxy without a scheme.
        with suppress(ValueError):
            yield from _of_login(address if "://" in address else f"//{address}")


def _of_login(url: str) -> Iterator[str]:
    """Yield the login that stands in an address, and the password in it."""
    parts = urlsplit(url)
    login, _, _ = parts.netloc.rpartition("@")
    if login:
        yield login
    if parts.password:
        yield parts.password
        yield unquote(parts.password)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in a value, in whatever dictionaries and lists."""
    if isinstance(value, str):
        yield value.strip()
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "BACKEND":
                yield from _texts(inner)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _texts(inner)
