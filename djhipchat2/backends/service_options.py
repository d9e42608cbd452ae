"""What a connection to any service may be given: values of the right kind, addresses, tokens."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

from ..values import checked_number

#: By option: the types that it takes, and what to call them.
Kinds = Mapping[str, tuple[type[Any] | tuple[type[Any], ...], str]]

TEXT: tuple[type[Any], str] = (str, "a string")
HTTP_KINDS: Kinds = {
    "ca_bundle": ((str, os.PathLike), "the path of a file or a folder"),
    "proxies": (Mapping, "a dictionary of proxy addresses by scheme"),
}
_NO_ADDRESS = "is not an http(s) address"
#: What stands in an HTTP header as it is; tokens are letters, digits and a few signs.
_TOKEN = re.compile(r"[!-~]+")
#: Copied along from a .env file, or from code.
_QUOTES = "\"'`"
#: Parts of an address with fewer characters, or without a digit, are words that all users share.
_LEAST_SECRET, _LEAST_SURELY_SECRET = 6, 16


def of_room(rooms: Mapping[str, Any], room: str) -> Any:
    """
    Return what ``rooms`` has for a room; None if nothing.

    Upper and lower case are the same, as in routes, unless one name fits exactly.
    """
    if room in rooms:
        return rooms[room]
    folded = room.casefold()
    return next((value for name, value in rooms.items() if name.casefold() == folded), None)


def place_of(name: str, alias: str | None) -> str:
    """Return how error messages call an option of a connection."""
    return f"The option {name} of the connection {alias or 'without a name'}"


def require_service_kinds(options: Mapping[str, Any], alias: str | None, kinds: Kinds) -> None:
    """
    Raise ImproperlyConfigured for an option of the wrong kind, without repeating a secret.

    What is not among ``kinds`` is a text, and ``timeout`` a number of seconds.
    """
    for name, value in options.items():
        where = place_of(name, alias)
        if value is None:
            continue
        if name == "timeout":
            checked_number(where, value, minimum=0.1, unit="seconds")
            continue
        types, wanted = kinds.get(name, TEXT)
        if not isinstance(value, types):
            message = f"{where} is of type {type(value).__name__}; set it to {wanted}."
            raise ImproperlyConfigured(message)


def split_address(url: str) -> SplitResult | None:
    """Return the parts of a server's address; None if it is no http(s) address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def address_trouble(url: str) -> str:
    """Return what is wrong with an address that is none to ``split_address()``; never all of it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _NO_ADDRESS
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return _NO_ADDRESS
    port = parts.netloc.rpartition(":")[2]
    shown = f" {port}" if port.isdecimal() else ""
    return f"has a port{shown} that is none; ports are numbers from 1 to 65,535"


def is_local(host: str) -> bool:
    """Return whether what is sent to a host stays on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def token_trouble(token: str) -> str:
    """Return what a token has that none can have; empty if nothing."""
    if not _TOKEN.fullmatch(token):
        return "blanks, or characters beyond ASCII"
    if token[0] in _QUOTES or token[-1] in _QUOTES:
        return "quotes around it"
    return ""


def secrets_of(url: str) -> list[str]:
    """
    Return what an address that is a secret must not be recognised by.

    The whole of it and, since services repeat parts of it (Mattermost the webhook's id), those of
    its path and query that look like keys.
    """
    parts = urlsplit(url)
    values = [value for _, value in parse_qsl(parts.query)]
    pieces = [piece for piece in [*parts.path.split("/"), *values] if _looks_secret(piece)]
    return [url, f"{parts.path}?{parts.query}" if parts.query else "", *pieces]


def _looks_secret(piece: str) -> bool:
    has_digit = any(character.isdigit() for character in piece)
    return len(piece) >= (_LEAST_SECRET if has_digit else _LEAST_SURELY_SECRET)
