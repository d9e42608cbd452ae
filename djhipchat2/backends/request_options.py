"""What a ``request`` connection may be given: values of the right kind, an address, a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..values import checked_version
from .service_options import HTTP_KINDS, place_of, require_service_kinds

#: Tails of an address that people copy from HipChat's documentation or from old settings.
URL_TAILS = ("/v1/rooms/message", "/v1", "/v2/room", "/v2")


def require_kinds(options: Mapping[str, Any], alias: str | None) -> None:
    """Raise ImproperlyConfigured for an option of the wrong kind, without repeating a secret."""
    others = {name: value for name, value in options.items() if name != "api_version"}
    if options.get("api_version") is not None:
        checked_version(place_of("api_version", alias), options["api_version"])
    require_service_kinds(others, alias, HTTP_KINDS)


def without_tail(url: str) -> str:
    """Return an address without a trailing slash and without ``/v1`` or ``/v2``."""
    url = url.strip().rstrip("/")
    for tail in URL_TAILS:
        url = url.removesuffix(tail)
    return url.rstrip("/")


def has_secret(url: str, token: str) -> bool:
    """Return whether more stands in an address than a server and a path: user, query, token."""
    parts = urlsplit(url)
    return "?" in url or "#" in url or "@" in parts.netloc or (token != "" and token in parts.path)
