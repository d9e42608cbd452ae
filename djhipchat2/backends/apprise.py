"""
Apprise, for the services that have no backend of their own (github.com/caronc/apprise).

What Apprise tells is coarse: that a message was sent, or not. It gives no status and no
``Retry-After``, so a failure of any kind is an unknown outcome, and a limit is only backed off
from. What it does by itself is switched off as far as it can be: retries, pauses, splitting of
long texts, icons, files on disk, its log.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from html import escape
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.checks import CheckMessage, Error

from ..markup import mattermost, plain
from ..markup.card import read_shown
from ..markup.cutting import SMALLEST_LIMIT
from ..message import Message
from ..states import Color, Outcome
from .addressed import AddressedBackend
from .base import Result
from .quiet import unlogged
from .redaction import redacted
from .service_answers import ANSWER_CHARACTERS
from .service_checks import missing, missing_library
from .service_options import Kinds, of_room
from .service_text import headed

KINDS: Kinds = {
    "urls": ((list, tuple), "a list of Apprise's addresses"),
    "rooms": (Mapping, "a dictionary from a room to Apprise's address"),
}
EXAMPLE = "ntfys://ntfy.example.com/topic"
SENT = "Apprise says that it was sent, and no more than that."
FAILED = "Apprise says that it was not sent, and gives no status"
#: HipChat's colours as Apprise's types; the others are "info".
TYPES = {
    Color.RED.value: "failure",
    Color.GREEN.value: "success",
    Color.YELLOW.value: "warning",
}
_PIECES = re.compile(r"[/:@?&=#]+")
#: Seconds that the last of many addresses has, when those before it took all the time.
SHORTEST_TIMEOUT = 0.2
#: Pieces of an address with fewer characters cannot be told from words.
LEAST_SECRET = 4


class HipChatBackend(AddressedBackend):
    """
    Send each message through Apprise.

    Options: ``url``, Apprise's address of a service, or ``urls``, several that all get each
    message; ``rooms``, the addresses of rooms that have their own; ``timeout``, the seconds for all
    of a message's addresses together (HIPCHAT_TIMEOUT).
    """

    option_names = ("url", "urls", "rooms", "timeout")
    secret_options = ("url", "urls", "rooms")
    service = "Apprise"
    shared_option = "url"
    option_kinds = KINDS

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._services: dict[str, Any] = {}

    def urls_of(self, room: str) -> list[str]:
        """Return the addresses that a room's messages go to."""
        own = of_room(self.rooms, room)
        return [own] if own else [url for name, url in self._named_urls() if name != "rooms"]

    def _named_urls(self) -> list[tuple[str, Any]]:
        url = self.options.get("url")
        named = [("url", url)] if url else []
        named += [("urls", url) for url in self.options.get("urls") or ()]
        return [*named, *(("rooms", url) for url in self.rooms.values())]

    def check_options(self) -> list[CheckMessage]:
        """Return what is wrong with the addresses, without repeating one."""
        try:
            with unlogged():
                import_module("apprise")
        except ImportError:
            return [missing_library(self.alias, "send: Apprise is not installed.", "apprise")]
        named = self._named_urls()
        if not named:
            return [missing(self.alias, "address", f"Set the option url to one like {EXAMPLE}.")]
        return [
            Error(
                f"Apprise makes nothing of an address in the option {name} of the connection "
                f"{self.alias!r}.",
                hint=f"Copy it again; it looks like {EXAMPLE}.",
                id="djhipchat2.E017",
            )
            for name, url in named
            if not isinstance(url, str) or self._service(url) is None
        ]

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        self.require_settings()
        urls = self.urls_of(message.room)
        if not urls:
            return self.nowhere(message.room)
        until = time.monotonic() + (self.time_limit if timeout is None else timeout)
        failures = []
        for url in urls:
            service = self._service(url)
            left = max(until - time.monotonic(), SHORTEST_TIMEOUT)
            # Each wait has its own limit: one for a connection, one for an answer.
            service.socket_connect_timeout = service.socket_read_timeout = left / 2
            words = _send(service, message)
            if words is not None:
                failures.append(redacted(f"{service.service_name}: {words}", secrets_of(url)))
        if failures:
            reason = "; ".join(failures)[:ANSWER_CHARACTERS]
            return Result(Outcome.UNKNOWN, error=f"{FAILED}. {reason}")
        return Result(Outcome.ACCEPTED, answer=SENT)

    def _service(self, url: str) -> Any:
        """Return Apprise's object for an address; None if Apprise makes nothing of it."""
        if url not in self._services:
            with unlogged():
                self._services[url] = _made(url)
        return self._services[url]


def _made(url: str) -> Any:
    apprise = import_module("apprise")
    asset = apprise.AppriseAsset(
        app_id="djhipchat2", image_url_mask="", image_url_logo="", storage_mode="memory"
    )
    service = apprise.Apprise.instantiate(url, asset=asset)
    if service is not None:
        service.retry = 0
        service.request_rate_per_sec = 0
        service.overflow_mode = apprise.OverflowMode.UPSTREAM
        service.include_image = False
    return service


def _send(service: Any, message: Message) -> str | None:
    """Send a message and return None, or Apprise's words for why it was not sent."""
    kind = str(getattr(service.notify_format, "value", service.notify_format))
    body = body_of(message, kind, max(service.body_maxlen, SMALLEST_LIMIT))
    with unlogged() as words:
        is_sent = service.notify(
            body=body, title="", notify_type=TYPES.get(message.color, "info"), body_format=kind
        )
    return None if is_sent else " ".join(words) or "no reason given"


def body_of(message: Message, kind: str, limit: int) -> str:
    """Return a message in one of Apprise's formats: ``text``, ``markdown`` or ``html``."""
    document = headed(read_shown(message), message)
    if kind == "markdown":
        return mattermost.render(document, limit=limit)
    if kind == "html":
        return _html(plain.render(document, limit=limit, size=lambda text: len(_html(text))))
    return plain.render(document, limit=limit)


def _html(text: str) -> str:
    return escape(text).replace("\n", "<br/>")


def secrets_of(url: str) -> list[str]:
    """Return the pieces of one of Apprise's addresses: any may be a token, a password or a key."""
    rest = urlsplit(url)._replace(scheme="").geturl()
    pieces = {piece for piece in _PIECES.split(rest) if len(piece) >= LEAST_SECRET}
    return [url, *pieces, *map(unquote, pieces)]
