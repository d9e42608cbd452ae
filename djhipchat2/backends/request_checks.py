"""What system checks say about a ``request`` connection's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.core.checks import CheckMessage, Error, Warning

from ..conf import CLOSED_CLOUD_URL

if TYPE_CHECKING:
    from .request import HipChatBackend

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


def check(backend: HipChatBackend) -> list[CheckMessage]:
    """Return what is wrong with the token and the address, without repeating either."""
    return [*_check_token(backend), *_check_url(backend)]


def _check_token(backend: HipChatBackend) -> list[CheckMessage]:
    if backend.token:
        return []
    return [
        Error(
            f"The connection {backend.alias!r} has no token.",
            hint="Set HIPCHAT_API_TOKEN = os.environ['HIPCHAT_API_TOKEN'], or the connection's "
            "OPTIONS = {'token': ...} where it has an api_url of its own.",
            id="djhipchat2.E001",
        )
    ]


def _check_url(backend: HipChatBackend) -> list[CheckMessage]:
    url = str(backend.api_url)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return [
            Error(
                f"The api_url of the connection {backend.alias!r} is not an http(s) address.",
                hint="Set HIPCHAT_API_URL = 'https://hipchat.example.com'.",
                id="djhipchat2.E002",
            )
        ]
    if parts.query or parts.password or parts.username or backend.token in parse_qs(parts.query):
        return [
            Error(
                f"The api_url of the connection {backend.alias!r} carries a secret: {parts.hostname} "
                "is followed by a query, or preceded by a user.",
                hint="Set HIPCHAT_API_URL to the address alone and HIPCHAT_API_TOKEN to the token.",
                id="djhipchat2.E003",
            )
        ]
    if parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS:
        return [
            Warning(
                f"The connection {backend.alias!r} sends its token to {parts.hostname} unencrypted.",
                hint=f"Set HIPCHAT_API_URL = 'https://{parts.hostname}'.",
                id="djhipchat2.W001",
            )
        ]
    if url == CLOSED_CLOUD_URL:
        return [
            Warning(
                f"The connection {backend.alias!r} sends to HipChat's cloud, which closed in 2019.",
                hint="Set HIPCHAT_API_URL = 'https://hipchat.example.com' to your own server.",
                id="djhipchat2.W002",
            )
        ]
    return []
