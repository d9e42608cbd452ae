"""
The rooms that a Matrix connection sends to: found by their alias, entered, and not encrypted.

What was found is kept for a while, so that a message takes one request. Matrix's specification,
"Client-Server API": "Room aliases", "Joining rooms", "End-to-End Encryption".
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from ..states import Outcome
from .answer import Answer
from .base import Result
from .matrix_answers import Stopped, content_of, errcode_of, result_from

#: Seconds after which a room is looked at again: an alias may move, encryption be switched on.
KNOWN_SECONDS = 3600


class Ask(Protocol):
    """Sends a request to the homeserver. Raise Stopped without an answer."""

    def __call__(self, method: str, path: str, body: object = None) -> Answer: ...


@dataclass(frozen=True)
class _Known:
    room_id: str
    until: float


class Rooms:
    """The rooms of one connection, by alias or id. For one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}

    def forget(self, room: str) -> None:
        """Have a room looked at again before the next message."""
        self._known.pop(room, None)

    def id_of(self, room: str, ask: Ask, secrets: tuple[str, ...]) -> str:
        """
        Return the id of a room that messages can be sent to.

        A room that the bot is not in is entered, if it is public or has invited the bot. Raise
        Stopped if it cannot be found or entered, or is encrypted.
        """
        known = self._known.get(room)
        if known is not None and time.monotonic() < known.until:
            return known.room_id
        room_id = room if room.startswith("!") else _resolved(room, ask, secrets)
        if not _may_look(room_id, ask, secrets):
            enter(room, ask, secrets)
            _may_look(room_id, ask, secrets)
        self._known[room] = _Known(room_id, time.monotonic() + KNOWN_SECONDS)
        return room_id


def enter(room: str, ask: Ask, secrets: tuple[str, ...]) -> None:
    """Join a room. Raise Stopped if the bot may not."""
    answer = ask("POST", f"join/{quoted(room)}", {})
    if not content_of(answer).get("room_id"):
        raise Stopped(result_from(answer, secrets))


def quoted(text: str) -> str:
    """Return a room or a key as one part of a path."""
    return quote(text, safe="")


def _resolved(alias: str, ask: Ask, secrets: tuple[str, ...]) -> str:
    answer = ask("GET", f"directory/room/{quoted(alias)}")
    room_id = content_of(answer).get("room_id")
    if not isinstance(room_id, str) or not room_id.startswith("!"):
        raise Stopped(result_from(answer, secrets))
    return room_id


def _may_look(room_id: str, ask: Ask, secrets: tuple[str, ...]) -> bool:
    """
    Return whether the bot can look into a room, as its members can.

    Raise Stopped if the room is encrypted, or if the homeserver does not say.
    """
    answer = ask("GET", f"rooms/{quoted(room_id)}/state/m.room.encryption")
    if content_of(answer).get("algorithm"):
        error = (
            "The room is end-to-end encrypted, and djhipchat2 does not encrypt. Use a room that is "
            "not; encryption cannot be switched off again."
        )
        raise Stopped(Result(Outcome.REJECTED, error=error, http_status=answer.status))
    if errcode_of(answer) == "M_FORBIDDEN":
        return False
    if answer.outcome is Outcome.ACCEPTED or errcode_of(answer) == "M_NOT_FOUND":
        return True
    raise Stopped(result_from(answer, secrets))
