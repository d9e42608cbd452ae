"""
HipChat's HTTP API from the server's side: a call in, HipChat's answer out.

Nothing here does I/O. A chat that wants to be spoken to as HipChat was gives ``respond()`` the few
things that only it can know. HipChat's order is kept: the token first, then the rate limit, the
room, and the message last.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Protocol

from ..message import V2
from . import answers
from .answers import Allowance, Answer, Rate
from .call import Action, Call, read_call
from .content import Content
from .notification import CallError, Notification, read_notification

__all__ = [
    "Action",
    "Allowance",
    "Answer",
    "Call",
    "CallError",
    "Chat",
    "Content",
    "Notification",
    "Rate",
    "Room",
    "read_call",
    "read_notification",
    "respond",
]


class Room(Protocol):
    """A room of the chat."""

    @property
    def number(self) -> int:
        """The room's id."""
        ...

    @property
    def name(self) -> str: ...


class Chat(Protocol):
    """What a gateway's chat must know and do."""

    def knows(self, token: str) -> bool:
        """Is it a token of this chat?"""
        ...

    def find_room(self, names: Sequence[str]) -> Room | None:
        """Return the room of the first name (or id) that is one; None if there is no such room."""
        ...

    def allowance(self, call: Call, room: Room | None, *, spend: bool) -> Allowance:
        """Return where the limits stand; with ``spend``, after counting this call."""
        ...

    def accept(self, room: Room, notification: Notification) -> None:
        """Take a message."""
        ...


def respond(call: Call, chat: Chat) -> Answer:
    """Return HipChat's answer to a call, having given its message to the chat."""
    if not chat.knows(call.token):
        allowance = chat.allowance(call, None, spend=False)
        return answers.with_allowance(answers.unauthorized(call), call, allowance)
    room = _room(call, chat)
    allowance = chat.allowance(call, room, spend=True)
    if allowance.is_exceeded:
        return answers.with_allowance(answers.rate_limited(call), call, allowance)
    return answers.with_allowance(_answer(call, chat, room), call, allowance)


def _room(call: Call, chat: Chat) -> Room | None:
    names = [name for name in call.room_names if len(name) <= V2.room_max]
    return chat.find_room(names) if names else None


def _answer(call: Call, chat: Chat, room: Room | None) -> Answer:
    if call.action is Action.UNKNOWN:
        return answers.method_unknown(call)
    if call.is_auth_test:
        return answers.auth_test_passed(call)
    if call.method not in call.allowed_methods:
        return answers.http_method_not_allowed(call)
    if call.action is Action.LIST_ROOMS:
        return answers.method_forbidden(call)
    if call.version == 1 and not call.room_names:
        return answers.error(call, HTTPStatus.BAD_REQUEST, "Room ID is required.")
    if room is None:
        return answers.room_not_found(call)
    if call.action is Action.SHOW_ROOM:
        return answers.room_shown(call, room.number, room.name)
    try:
        notification = read_notification(call)
    except CallError as refused:
        return answers.error(call, HTTPStatus.BAD_REQUEST, refused.message, **refused.details)
    chat.accept(room, notification)
    return answers.message_sent(call)
