"""What every backend offers, and what an attempt comes to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from ..conf import settings
from ..fitting import storable
from ..message import V1, Limits, Message
from ..states import Outcome, Scope
from ..values import LARGEST_NUMBER
from .answer import bounded

if TYPE_CHECKING:
    from ..models import OutboundMessage


@dataclass(frozen=True)
class Allowance:
    """Where a service says that its limit for the whole connection stands."""

    total: int
    """Messages that the limit lets through in its time."""
    left: int
    """How many of them are left."""
    seconds: float
    """Seconds until all of them are there again."""

    def storable(self) -> Allowance | None:
        """Return the same in numbers that a database takes; None if one says nothing."""
        if math.isnan(self.seconds):
            return None
        total, left = (min(max(int(n), 0), LARGEST_NUMBER) for n in (self.total, self.left))
        return Allowance(total, left, bounded(self.seconds))


@dataclass(frozen=True)
class Result:
    """What one attempt to deliver came to. Texts are redacted by whoever makes them."""

    outcome: Outcome
    error: str = ""
    """Why it was not accepted, in the service's own words where it gave any."""
    http_status: int | None = None
    answer: str = ""
    """The beginning of the service's answer."""
    retry_after: float | None = None
    """Seconds to leave the service alone, also after an accepted message; None: it did not ask."""
    rate_limited: bool = False
    """Was the message turned away only because too many came before it?"""
    scope: Scope = Scope.ROOM
    """What ``retry_after`` covers; for an attempt without an answer, what could not be reached."""

    allowance: Allowance | None = None
    """The connection's limit, if the service told; workers share out what is left of it."""

    def storable(self) -> Result:
        """
        Return the same result with values that a database takes, whatever a service wrote.

        Raise TypeError or ValueError for what is no value of its kind: the backend has a bug.
        """
        wait, status = self.retry_after, self.http_status
        return replace(
            self,
            outcome=Outcome(self.outcome),
            scope=Scope(self.scope),
            error=storable(self.error),
            answer=storable(self.answer),
            http_status=status if status is not None and 0 < status < 1_000 else None,
            retry_after=None if wait is None or math.isnan(wait) else bounded(wait),
            allowance=self.allowance and self.allowance.storable(),
        )


class HipChatBackendBase:
    """
    A way out. A subclass implements ``deliver()`` and declares its options.

    Options arrive as keyword arguments, from ``HIPCHAT_CONNECTIONS`` or from ``get_backend()``.
    Raise ImproperlyConfigured for one that is not among ``option_names``.
    """

    option_names: ClassVar[tuple[str, ...]] = ()
    secret_options: ClassVar[tuple[str, ...]] = ()

    # Does delivery stay inside this process, so that it needs neither a commit nor a retry?
    at_once: ClassVar[bool] = False

    # Does somebody else deliver, told through announce()?
    by_task: ClassVar[bool] = False

    # Does the service know a message again by its key, so that a repeat is no duplicate?
    knows_repeats: ClassVar[bool] = False

    def __init__(self, *, alias: str | None = None, **options: Any) -> None:
        self.alias = alias
        self.options = options
        unknown = sorted(set(options) - set(self.option_names))
        if unknown:
            known = ", ".join(self.option_names) or "none"
            message = (
                f"The backend {self.path} of the connection {alias or 'without a name'} has no "
                f"option {', '.join(unknown)}. Its options: {known}."
            )
            raise ImproperlyConfigured(message)

    @classmethod
    def takes(cls, option: str, others: Mapping[str, Any]) -> bool:
        """Return whether the backend has an option, given the others."""
        return option in cls.option_names

    def __repr__(self) -> str:
        return f"<{self.path} connection={self.alias!r}>"

    @property
    def path(self) -> str:
        """Dotted path that the class is imported by."""
        return f"{type(self).__module__}.{type(self).__qualname__}"

    @property
    def limits(self) -> Limits:
        """Limits that a message for this backend must keep."""
        return V1

    @property
    def time_limit(self) -> float:
        """Seconds that one attempt may take; a caller who waits for delivery waits that long."""
        return settings.timeout

    def require_settings(self) -> None:
        """Raise ImproperlyConfigured if a setting is missing without which nothing can be sent."""

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        """
        Try once, for ``timeout`` seconds at most, and return what it came to.

        Raise nothing for trouble on the way; raise ImproperlyConfigured where a setting is wrong.
        """
        error = f"{self.path} does not implement deliver()."
        raise ImproperlyConfigured(error)

    def announce(self, connection: str, room_id: str, *, delay: float = 0) -> bool:
        """
        Tell whoever delivers that a room has something due in so many seconds (``by_task``).

        Return whether that is going to come and look; True keeps others from being told as well.
        """
        return False

    def check(self) -> list[CheckMessage]:
        """Return what system checks should say about this backend's settings."""
        return []

    def close(self) -> None:
        """Give back network connections; the next attempt opens new ones."""

    def get_payload(
        self,
        room_id: str | int,
        message: str,
        sender: str,
        message_format: str = "html",
        notify: bool = False,  # noqa: FBT001, FBT002 - the 2013 signature
        color: str = "yellow",
    ) -> dict[str, Any]:
        """Return the fields of HipChat's v1 ``rooms/message``, as the 2013 package made them."""
        return {
            "room_id": room_id,
            "from": sender,
            "message": message,
            "message_format": message_format,
            "notify": 1 if notify else 0,
            "color": color,
            "format": "json",
        }

    def payload_of(self, message: Message) -> dict[str, Any]:
        """Return ``get_payload()`` of a message."""
        return self.get_payload(
            message.room_id,
            message.text,
            message.sender,
            message.message_format,
            message.notify,
            message.color,
        )

    def send_message(
        self,
        room_id: str | int,
        message: str,
        sender: str | None = None,
        message_format: str = "html",
        notify: bool = False,  # noqa: FBT001, FBT002 - the 2013 signature
        color: str = "yellow",
        **options: Any,
    ) -> OutboundMessage:
        """Write a message to the outbox and deliver it through this backend; see ``api``."""
        from ..api import send_through  # noqa: PLC0415 - the seed's method is a door on a backend

        return send_through(
            self, room_id, message, sender, message_format, notify, color, **options
        )
