"""
What a Matrix homeserver's answers mean.

Matrix's specification, "Client-Server API": "Standard error response" (``errcode``), "Rate
limiting" (``retry_after_ms``).
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from ..states import Outcome, Scope
from .answer import Answer, bounded, number
from .base import Result
from .service_answers import Reading, reading_of, result_of

SERVICE = "Matrix"
ADDRESS, LOGIN = "the option homeserver", "the option token"
HINTS = {
    "M_UNKNOWN_TOKEN": "copy a new access token into the option token",
    "M_MISSING_TOKEN": "copy an access token into the option token",
    "M_FORBIDDEN": "invite the bot to the room, and let it post there",
    "M_NOT_FOUND": "name a room that exists, or make its alias known to the homeserver",
    "M_USER_DEACTIVATED": "reactivate the bot's account",
    "M_UNRECOGNIZED": f"check {ADDRESS}",
}
#: A homeserver that is full today may have room tomorrow; its status says that it never will.
WORTH_ANOTHER_TRY = ("M_RESOURCE_LIMIT_EXCEEDED",)


class Stopped(Exception):
    """What an answer, or its absence, comes to before a message was sent."""

    def __init__(self, result: Result) -> None:
        self.result = result
        super().__init__(result.error)


def content_of(answer: Answer) -> Mapping[str, Any]:
    """Return an answer's JSON object; empty if it is none."""
    body = answer.json()
    return body if isinstance(body, Mapping) else {}


def errcode_of(answer: Answer) -> str:
    """Return Matrix's word for an error; empty without one."""
    return str(content_of(answer).get("errcode") or "")


def result_from(answer: Answer, secrets: tuple[str, ...], *, sent: bool = False) -> Result:
    """Return what an answer comes to; ``sent`` says that it is that of sending a message."""
    reading = _reading_of(answer)
    if sent and answer.outcome is Outcome.ACCEPTED and content_of(answer).get("event_id"):
        reading = Reading(outcome=Outcome.ACCEPTED)
    return result_of(answer, reading, secrets, service=SERVICE, address=ADDRESS, login=LOGIN)


def _reading_of(answer: Answer) -> Reading:
    content = content_of(answer)
    code = errcode_of(answer)
    milliseconds = number(str(content.get("retry_after_ms", "")))
    said = str(content.get("error") or "").rstrip(".")
    words = ": ".join(filter(None, [code, said]))
    hint = HINTS.get(code, "")
    if not code and answer.status == HTTPStatus.NOT_FOUND:
        words, hint = "no Matrix homeserver answers here", f"check {ADDRESS}"
    return reading_of(
        answer,
        words,
        hint=hint,
        # Synapse counts the messages of a user, whatever room they go to.
        limit=Scope.CONNECTION,
        outcome=Outcome.UNAVAILABLE if code in WORTH_ANOTHER_TRY else None,
        asked=None if milliseconds is None else bounded(milliseconds / 1000),
        limited=code == "M_LIMIT_EXCEEDED",
    )
