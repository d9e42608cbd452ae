"""
Services that hand out an address to post to: whoever has it may post, so all of it is a secret.

One address is one channel, unless the service lets a message name another. So a room has an address
of its own in ``rooms``, or shares that in ``url``; what limits an address limits all rooms that
share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.core.checks import CheckMessage

from ..exceptions import shortened
from ..states import Scope
from .service import SERVICE_OPTIONS, ServiceBackend, Undeliverable, alias_of
from .service_checks import check_address, missing
from .service_options import of_room, secrets_of


@dataclass(frozen=True)
class Target:
    """Where a message goes."""

    url: str = field(repr=False)
    channel: str
    """Where beyond the address; empty: where the webhook leads."""
    limit: Scope

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read of the address."""
        return tuple(secrets_of(self.url))


class WebhookBackend(ServiceBackend):
    """
    Posts each message to a webhook.

    Options: ``url``, the webhook of rooms that have none of their own, and ``rooms``, the webhooks
    of those that have.
    """

    option_names: ClassVar[tuple[str, ...]] = ("url", *SERVICE_OPTIONS)
    secret_options: ClassVar[tuple[str, ...]] = ("url", "rooms")
    #: What a webhook of the service looks like.
    example: ClassVar[str]
    #: May a message name another channel than that of the webhook?
    names_channels: ClassVar[bool] = False

    def target_of(self, room: str) -> Target:
        """Return where a room's messages go. Raise Undeliverable if nothing says so."""
        own = (of_room(self.rooms, room) or "").strip()
        if is_address(own):
            return Target(own, "", Scope.ROOM)
        url = self.text_option("url")
        if not url:
            message = (
                f"The connection {alias_of(self)} has no webhook for the room {shortened(room)}: "
                f"add it to the option rooms, or set the option url."
            )
            raise Undeliverable(message)
        return Target(url, (own or room) if self.names_channels else "", Scope.CONNECTION)

    def check_options(self) -> list[CheckMessage]:
        url = self.text_option("url")
        if not url and not self.rooms:
            hint = f"Set the option url to an address like {self.example}, or rooms to several."
            return [missing(self.alias, "webhook", hint)]
        addresses = {"url": url} if url else {}
        for room, target in self.rooms.items():
            if is_address(target) or not self.names_channels:
                addresses[f"webhook of the room {shortened(room)}"] = target.strip()
        found: list[CheckMessage] = []
        for name, address in addresses.items():
            found.extend(check_address(self.alias, name, address, self.example))
        return found


def is_address(target: Any) -> bool:
    """Is it an address, and not the name of a channel?"""
    return "://" in target


def with_query(url: str, query: Mapping[str, str]) -> str:
    """Return an address with more in its query."""
    parts = urlsplit(url)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    return parts._replace(query=urlencode({**given, **query})).geturl()
