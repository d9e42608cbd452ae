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
from unicodedata import category

from django.utils.functional import Promise

from .exceptions import MessageError
from .states import Color, MessageFormat

logger = logging.getLogger(__name__)

COLORS = tuple(Color.values)
FORMATS = tuple(MessageFormat.values)
#: Colour words that were never HipChat's but stand in callers' code.
COLOR_CORRECTIONS = {"grey": Color.GRAY.value}
CARD_STYLES = ("file", "image", "application", "link", "media")

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
V1 = Limits("HipChat's API v1", sender_min=1, sender_max=15, sender_punctuation="-_ ")
V2 = Limits("HipChat's API v2", sender_min=0, sender_max=64, sender_punctuation=None)


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
        _check_room(self.room_id, self.limits)
        _check_text(self.text, self.limits)
        _check_sender(self.sender, self.limits)
        _check_choice("message_format", self.message_format, FORMATS)
        _check_choice("color", self.color, COLORS)
        if self.card is not None:
            _check_card(self.card)

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


def _check_characters(name: str, value: str) -> None:
    if "\0" in value:
        raise MessageError(name, value, "must not contain NUL characters; remove them.")
    try:
        value.encode()
    except UnicodeEncodeError:
        limit = "contains half of a surrogate pair; decode it with the right codec first."
        raise MessageError(name, value, limit) from None


def _check_room(room_id: str | int, limits: Limits) -> None:
    room = str(room_id)
    _check_characters("room_id", room)
    if not 1 <= len(room) <= limits.room_max or not room.strip():
        limit = f"must be a room's id or name of 1 to {limits.room_max} characters."
        raise MessageError("room_id", room_id, limit)
    if room in (".", ".."):
        limit = "names a folder in the server's address; use the room's id."
        raise MessageError("room_id", room_id, limit)


def _check_text(text: str, limits: Limits) -> None:
    _check_characters("message", text)
    if not text.strip():
        raise MessageError("message", text, "must not be empty.")
    if len(text) > limits.message_max:
        limit = (
            f"has {len(text):,} characters; HipChat takes {limits.message_max:,} at most. "
            f"Shorten or split it."
        )
        raise MessageError("message", text, limit)


def _check_sender(sender: str, limits: Limits) -> None:
    _check_characters("sender", sender)
    if not limits.sender_min <= len(sender) <= limits.sender_max:
        limit = (
            f"must have {limits.sender_min} to {limits.sender_max} characters "
            f"in {limits.api}, not {len(sender)}."
        )
        raise MessageError("sender", sender, limit)
    if limits.sender_punctuation is None:
        return
    allowed = limits.sender_punctuation
    # Letters, marks and numbers of any script: HipChat took them (2012, HipChat.net#10).
    wrong = sorted({c for c in sender if category(c)[0] not in "LMN" and c not in allowed})
    if wrong:
        limit = (
            f"may have letters, numbers, -, _ and spaces in {limits.api}, "
            f"not {' '.join(repr(c) for c in wrong)}."
        )
        raise MessageError("sender", sender, limit)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise MessageError(name, value, f"must be one of {', '.join(choices)}.")


def _check_card(card: Mapping[str, Any]) -> None:
    if not isinstance(card, Mapping):
        raise MessageError("card", card, "must be a dictionary, HipChat's card object.")
    for key in ("style", "id", "title"):
        if not card.get(key):
            raise MessageError("card", card, f"needs a {key!r}.")
    if card["style"] not in CARD_STYLES:
        raise MessageError("card", card["style"], f"style must be one of {', '.join(CARD_STYLES)}.")
    if len(str(card["title"])) > 500:
        raise MessageError("card", card["title"], "title has 500 characters at most.")
    try:
        text = json.dumps(card, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise MessageError("card", card, f"must be JSON ({error}).") from None
    # JSON writes a NUL as an escape, and a backslash as two.
    _check_characters("card", text.replace(r"\\", "").replace(r"\u0000", "\0"))
