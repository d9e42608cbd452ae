"""
What a message's values must keep to.

Every sentence can be said in another language: an error carries it apart from the values in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from unicodedata import category

from django.utils.translation import gettext_noop

from .exceptions import MessageError

if TYPE_CHECKING:
    from .message import Limits

#: Control characters, and what else begins a new line: no chat has them in the name of a room.
_BREAKING = ("Cc", "Zl", "Zp")
CARD_STYLES = ("file", "image", "application", "link", "media")


def check_characters(name: str, value: str) -> None:
    """Raise MessageError for characters that no database or no request can carry."""
    if "\0" in value:
        limit = gettext_noop("must not contain NUL characters; remove them.")
        raise MessageError(name, value, limit)
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        limit = gettext_noop(
            "contains half of a surrogate pair; decode it with the right codec first."
        )
        raise MessageError(name, value, limit) from None


def check_room(room_id: str | int, limits: Limits) -> None:
    """Raise MessageError for what cannot be a room's id or name."""
    room = str(room_id)
    check_characters("room_id", room)
    if not 1 <= len(room) <= limits.room_max or not room.strip():
        limit = gettext_noop("must be a room's id or name of 1 to %(most)s characters.")
        raise MessageError("room_id", room_id, limit, most=limits.room_max)
    if not room.isprintable() and any(category(c) in _BREAKING for c in room):
        limit = gettext_noop(
            "must not contain line breaks or other control characters; remove them."
        )
        raise MessageError("room_id", room_id, limit)
    if room in (".", ".."):
        limit = gettext_noop("names a folder in the server's address; use the room's id.")
        raise MessageError("room_id", room_id, limit)


def check_text(text: str, limits: Limits) -> None:
    """Raise MessageError for a text that is blank or too long."""
    check_characters("message", text)
    if not text.strip():
        raise MessageError("message", text, gettext_noop("must not be empty."))
    if len(text) > limits.message_max:
        limit = gettext_noop(
            "has %(length)s characters; HipChat takes %(most)s at most. Shorten or split it."
        )
        raise MessageError("message", text, limit, length=len(text), most=limits.message_max)


def check_sender(sender: str, limits: Limits) -> None:
    """Raise MessageError for a sender that is too long or has characters that the API refuses."""
    check_characters("sender", sender)
    if not limits.sender_min <= len(sender) <= limits.sender_max:
        limit = gettext_noop(
            "must have %(least)s to %(most)s characters in %(api)s, not %(length)s."
        )
        raise MessageError(
            "sender",
            sender,
            limit,
            least=limits.sender_min,
            most=limits.sender_max,
            api=limits.api,
            length=len(sender),
        )
    allowed = limits.sender_punctuation
    if allowed is not None and (wrong := _wrong_characters(sender, allowed)):
        limit = gettext_noop(
            "may have letters, numbers, -, _ and spaces in %(api)s, not %(wrong)s."
        )
        shown = " ".join(repr(c) for c in wrong)
        raise MessageError("sender", sender, limit, api=limits.api, wrong=shown)


@lru_cache(maxsize=128)
def _wrong_characters(sender: str, allowed: str) -> list[str]:
    # Letters, marks and numbers of any script: HipChat took them (2012, HipChat.net#10).
    return sorted({c for c in sender if category(c)[0] not in "LMN" and c not in allowed})


def check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise MessageError for a word that is none of those that there are."""
    if value not in choices:
        limit = gettext_noop("must be one of %(choices)s.")
        raise MessageError(name, value, limit, choices=", ".join(choices))


def check_card(card: Mapping[str, Any]) -> None:
    """Raise MessageError for what is no card of HipChat's; see "Sending messages" (v2)."""
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
    check_characters("card", text.replace(r"\\", "").replace(r"\u0000", "\0"))
