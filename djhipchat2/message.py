"""
One message to one room: frozen, and valid from the moment that it exists.

The limits are HipChat's. Sources: the API page of v1 ``rooms/message``; for v2 the schema in
jenkinsci/hipchat-plugin (``notification.json``) and developer.atlassian.com "Sending messages".
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_noop

from .exceptions import MessageError
from .states import Color, MessageFormat
from .validity import (
    check_card,
    check_choice,
    check_room,
    check_sender,
    check_text,
)

logger = logging.getLogger(__name__)

COLORS = tuple(Color.values)
FORMATS = tuple(MessageFormat.values)
#: Colour words that were never HipChat's but stand in callers' code.
COLOR_CORRECTIONS = {"grey": Color.GRAY.value}

_TRUE_WORDS = ("true", "1", "yes", "on")
_FALSE_WORDS = ("false", "0", "no", "off", "")


@dataclass(frozen=True)
class Limits:
    """What one API takes. Lengths are in characters."""

    api: str
    sender_min: int
    sender_max: int
    sender_punctuation: str | None
    """Characters beside letters and digits that a sender may have; None: any character."""
    message_max: int = 10_000
    room_max: int = 100


#: "Less than 15 characters" says the page, "between 1 and 15" the server; the server decides.
V1 = Limits(gettext_noop("HipChat's API v1"), sender_min=1, sender_max=15, sender_punctuation="-_ ")
V2 = Limits(gettext_noop("HipChat's API v2"), sender_min=0, sender_max=64, sender_punctuation=None)


def service_limits(service: str) -> Limits:
    """
    Return the limits of a service that shows a sender's name as any text.

    A text keeps HipChat's limit; what is more than the service takes is cut when it is sent.
    """
    return Limits(service, sender_min=0, sender_max=64, sender_punctuation=None)


@dataclass(frozen=True, kw_only=True)
class Message:
    """
    A text for a room.

    Raise MessageError, which is a ValueError, if a value breaks a limit.
    """

    room_id: str | int
    """The room's id or name, 1 to 100 characters; an int stays one, as in the 2013 payloads."""
    text: str
    """1 to 10,000 characters, not blank."""
    sender: str = "Django"
    message_format: str = MessageFormat.HTML.value
    notify: bool = False
    color: str = Color.YELLOW.value
    card: Mapping[str, Any] | None = field(default=None, hash=False)
    """A HipChat v2 card; shown instead of the text by what can show it."""
    key: str = ""
    """The message's own key, the same at every attempt: for services with idempotency keys."""
    limits: Limits = field(default=V1, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_room(self.room_id, self.limits)
        check_text(self.text, self.limits)
        check_sender(self.sender, self.limits)
        check_choice("message_format", self.message_format, FORMATS)
        check_choice("color", self.color, COLORS)
        if self.card is not None:
            check_card(self.card)

    @property
    def room(self) -> str:
        """The room's id or name as text."""
        return str(self.room_id)

    @classmethod
    def from_call(
        cls,
        *,
        room_id: Any,
        message: Any,
        sender: Any,
        message_format: Any,
        notify: Any,
        color: Any,
        card: Any = None,
        limits: Limits,
    ) -> Message:
        """
        Return the message that a call of ``send_message()`` means.

        Callers of 2013 may pass numbers, lazy translations and booleans as words; they are read
        here as the 2013 package put them on the wire. Raise MessageError for the rest.
        """
        value = cls(
            room_id=room_id if type(room_id) is int else _as_text("room_id", room_id).strip(),
            text=_as_text("message", message),
            sender=_as_text("sender", sender),
            message_format=_as_text("message_format", message_format),
            notify=_as_bool(notify),
            color=_corrected_color(_as_text("color", color)),
            card=dict(card) if isinstance(card, Mapping) else card,
            limits=limits,
        )
        if value.card is None:
            return value
        # A copy all the way down: the caller may go on to change its own.
        return replace(value, card=json.loads(json.dumps(value.card)))

    def with_key(self, key: str) -> Message:
        """Return the same message under its key."""
        return replace(self, key=key)


def _as_text(name: str, value: Any) -> str:
    if value is None:
        raise MessageError(name, value, "is missing; give a string.")
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise MessageError(name, value, "is not UTF-8; decode it first.") from None
    if type(value) is str:
        return value
    if isinstance(value, str | Promise | int | float | BaseException) and not isinstance(
        value, bool
    ):
        return str.__str__(value) if isinstance(value, str) else str(value)
    limit = f"is of type {type(value).__name__}; give a string."
    raise MessageError(name, value, limit)


def _as_bool(value: Any) -> bool:
    if not isinstance(value, str | bytes):
        return bool(value)
    word = _as_text("notify", value).strip().lower()
    if word in _TRUE_WORDS:
        return True
    if word in _FALSE_WORDS:
        return False
    raise MessageError("notify", value, "must be True or False.")


def _corrected_color(color: str) -> str:
    corrected = COLOR_CORRECTIONS.get(color)
    if corrected is None:
        return color
    logger.warning("HipChat has no colour %r; %r is used. Correct the caller.", color, corrected)
    return corrected
