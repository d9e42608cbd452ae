"""
Matrix: events of a bot's account, over the client-server API.

Matrix's specification, "Client-Server API": ``PUT rooms/{roomId}/send/{eventType}/{txnId}``,
"m.room.message msgtypes", "User and room mentions", "Size limits" of an event.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

from django.core.checks import CheckMessage

from ..exceptions import shortened
from ..markup import matrix_html, plain
from ..markup.card import read_shown
from ..markup.units import json_bytes
from ..message import Message
from ..states import Outcome, Scope
from .answer import Answer
from .base import Result
from .matrix_answers import ADDRESS, SERVICE, Stopped, errcode_of, result_from
from .matrix_rooms import Rooms, enter, quoted
from .redaction import redacted
from .service import SERVICE_OPTIONS, ServiceBase, Undeliverable, alias_of
from .service_answers import unanswered
from .service_checks import check_address, check_token, missing, wrong_value
from .service_text import headed
from .unanswered import Unanswered

API = "/_matrix/client/v3"
EXAMPLE = "https://matrix.example.com"
#: An event has 65,536 bytes at most, of which signatures and ids need some.
HTML_BYTES, TEXT_BYTES = 40_000, 20_000


class HipChatBackend(ServiceBase):
    """
    Send each message as a bot.

    Options: ``homeserver``, the address of the bot's homeserver; ``token``, an access token of the
    bot. A room is an alias (``#ops:example.com``) or an id (``!...``), or ``rooms`` says which. A
    message with ``notify`` is an ``m.text``, which rings as its readers have set it; any other an
    ``m.notice``, which rings nobody.
    """

    service = SERVICE
    address_name = ADDRESS
    # The homeserver keeps the transaction ids of each access token.
    knows_repeats: ClassVar[bool] = True
    option_names: ClassVar[tuple[str, ...]] = ("homeserver", "token", *SERVICE_OPTIONS)
    secret_options: ClassVar[tuple[str, ...]] = ("token",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._rooms = Rooms()

    @property
    def homeserver(self) -> str:
        """The homeserver's address, without ``/_matrix``."""
        return self.text_option("homeserver").partition("/_matrix")[0].rstrip("/")

    def check_options(self) -> list[CheckMessage]:
        if not self.homeserver:
            hint = f"Set the option homeserver to the address of the bot's, such as {EXAMPLE}."
            return [missing(self.alias, "homeserver", hint)]
        if not self.token:
            hint = "Set the option token to an access token of the bot's account."
            return [missing(self.alias, "token", hint)]
        hint = "Set it to an alias (#ops:example.com) or an id (!...) of a Matrix room."
        odd = [target for target in self.rooms.values() if not is_room(target.strip())]
        return [
            *check_address(self.alias, "homeserver", self.homeserver, EXAMPLE),
            *check_token(self.alias, "token", self.token),
            *(wrong_value(self.alias, "rooms", target, hint) for target in odd),
        ]

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        self.require_settings()
        limit = self.time_limit if timeout is None else timeout
        sending = _Sending(self, (self.token,), time.monotonic() + limit)
        try:
            return self._send(message, sending)
        except Stopped as stop:
            return stop.result
        except Undeliverable as error:
            return Result(Outcome.REJECTED, error=str(error))

    def _send(self, message: Message, sending: _Sending) -> Result:
        room = self._room_of(message)
        content = content_of_event(message)
        key = quoted(message.key or uuid4().hex)
        room_id = self._rooms.id_of(room, sending.ask, sending.secrets)
        answer = sending.put(room_id, key, content)
        if errcode_of(answer) in ("M_FORBIDDEN", "M_NOT_FOUND"):
            # The bot was put out since it was there last, or an alias leads elsewhere by now.
            self._rooms.forget(room)
            enter(room, sending.ask, sending.secrets)
            room_id = self._rooms.id_of(room, sending.ask, sending.secrets)
            answer = sending.put(room_id, key, content)
        return result_from(answer, sending.secrets, sent=True)

    def _room_of(self, message: Message) -> str:
        """Return a message's room in Matrix's words. Raise Undeliverable if there is none."""
        room = self.called(message.room)
        if is_room(room):
            return room
        error = (
            f"The connection {alias_of(self)} does not know the room {shortened(message.room)}: "
            f"add it to the option rooms, with an alias (#ops:example.com) or an id (!...)."
        )
        raise Undeliverable(error)


def is_room(room: str) -> bool:
    """Is it the alias of a Matrix room, or the id of one? Newer ids name no server."""
    return (room.startswith("#") and ":" in room) or (room.startswith("!") and len(room) > 1)


def content_of_event(message: Message) -> Mapping[str, Any]:
    """Return the content of the ``m.room.message`` that a message becomes."""
    document = read_shown(message)
    loud = message.notify and bool(document.mentions)
    return {
        "msgtype": "m.text" if message.notify else "m.notice",
        "body": plain.render(headed(document, message), limit=TEXT_BYTES, size=json_bytes),
        "format": "org.matrix.custom.html",
        "formatted_body": matrix_html.render(document.headed(message.sender), limit=HTML_BYTES),
        # Without it a text that only speaks of somebody would ring.
        "m.mentions": {"room": True} if loud else {},
    }


@dataclass(frozen=True)
class _Sending:
    """The requests that one message takes, until its time is over."""

    backend: HipChatBackend
    secrets: tuple[str, ...]
    deadline: float

    def put(self, room_id: str, key: str, content: Mapping[str, Any]) -> Answer:
        """Send an event. Raise Stopped without an answer."""
        try:
            return self._request(
                "PUT", f"rooms/{quoted(room_id)}/send/m.room.message/{key}", content
            )
        except Unanswered as error:
            raise Stopped(unanswered(error, self.secrets)) from None

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """Ask for what has to be known first. Raise Stopped without an answer."""
        try:
            return self._request(method, path, body)
        except Unanswered as error:
            # Whatever became of the question: the message has not been sent.
            text = redacted(str(error), self.secrets)
            result = Result(Outcome.UNAVAILABLE, error=text, scope=Scope.CONNECTION)
            raise Stopped(result) from None

    def _request(self, method: str, path: str, body: object) -> Answer:
        return self.backend.request(
            method,
            f"{self.backend.homeserver}{API}/{path}",
            timeout=self.deadline - time.monotonic(),
            headers={"Authorization": f"Bearer {self.secrets[0]}"},
            body=body,
        )
