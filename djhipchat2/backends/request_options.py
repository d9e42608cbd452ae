"""What a ``request`` connection may be given: values of the right kind, an address, a token."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

from ..values import checked_number, checked_version

#: Tails of an address that people copy from HipChat's documentation or from old settings.
URL_TAILS = ("/v1/rooms/message", "/v1", "/v2/room", "/v2")

_KINDS: dict[str, tuple[type[Any] | tuple[type[Any], ...], str]] = {
    "token": (str, "a string"),
    "api_url": (str, "a string"),
    "ca_bundle": ((str, os.PathLike), "the path of a file or a folder"),
    "proxies": (Mapping, "a dictionary of proxy addresses by scheme"),
}
#: What stands in an HTTP header as it is; HipChat's tokens are letters and digits.
_TOKEN = re.compile(r"[!-~]+")


def require_kinds(options: Mapping[str, Any], alias: str | None) -> None:
    """Raise ImproperlyConfigured for an option of the wrong kind, without repeating a secret."""
    for name, value in options.items():
        where = f"The option {name} of the connection {alias or 'without a name'}"
        if value is None:
            continue
        if name == "api_version":
            checked_version(where, value)
        elif name == "timeout":
            checked_number(where, value, minimum=0.1, unit="seconds")
        else:
            kinds, wanted = _KINDS[name]
            if not isinstance(value, kinds):
                message = f"{where} is of type {type(value).__name__}; set it to {wanted}."
                raise ImproperlyConfigured(message)


def without_tail(url: str) -> str:
    """Return an address without a trailing slash and without ``/v1`` or ``/v2``."""
    url = url.strip().rstrip("/")
    for tail in URL_TAILS:
        url = url.removesuffix(tail)
    return url.rstrip("/")


def split_address(url: str) -> SplitResult | None:
    """Return the parts of a server's address; None if it is no http(s) address."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def has_secret(url: str, token: str) -> bool:
    """Return whether more stands in an address than a server and a path: user, query, token."""
    parts = urlsplit(url)
    return "?" in url or "#" in url or "@" in parts.netloc or (token != "" and token in parts.path)


def is_sendable(token: str) -> bool:
    """Return whether HTTP can carry a token."""
    return _TOKEN.fullmatch(token) is not None
