"""A chat in memory for the protocol's tests, and a short way to call it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from djhipchat2.gateway.protocol import (
    Allowance,
    Answer,
    Call,
    Notification,
    Rate,
    read_call,
    respond,
)

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
V1_PATH = "/v1/rooms/message"
V2_PATH = "/v2/room/Ops%20Room/notification"
RESET = 1_795_569_212


@dataclass(frozen=True)
class MemoryRoom:
    """A room with an id."""

    number: int
    name: str


@dataclass
class MemoryChat:
    """Knows the token TOK and the room "Ops Room"; keeps what it accepts."""

    token_rate: Rate = field(default_factory=lambda: Rate(500, 499, RESET))
    room_rate: Rate = field(default_factory=lambda: Rate(30, 29, RESET))
    accepted: list[tuple[str, Notification]] = field(default_factory=list)
    spent: list[bool] = field(default_factory=list)

    def knows(self, token: str) -> bool:
        return token == "TOK"

    def find_room(self, names: Sequence[str]) -> MemoryRoom | None:
        return MemoryRoom(4242, "Ops Room") if {"Ops Room", "4242"} & set(names) else None

    def allowance(self, call: Call, room: MemoryRoom | None, *, spend: bool) -> Allowance:
        self.spent.append(spend)
        return Allowance(self.token_rate, self.room_rate if room else None)

    def accept(self, room: MemoryRoom, notification: Notification) -> None:
        self.accepted.append((room.name, notification))


def call_of(
    method: str,
    target: str,
    body: bytes | str = b"",
    content_type: str | None = None,
    **headers: str,
) -> Call:
    """Return the call that a request makes."""
    path, _, query = target.partition("?")
    fields = [("Host", "chat.example.test"), *headers.items()]
    if content_type is not None:
        fields.append(("Content-Type", content_type))
    call = read_call(method, path, query, fields, body.encode() if isinstance(body, str) else body)
    assert call is not None
    return call


def v1(fields: str, chat: MemoryChat | None = None) -> Answer:
    """Return the answer to a v1 form with the token TOK."""
    call = call_of("POST", f"{V1_PATH}?auth_token=TOK", fields, FORM)
    return respond(call, chat if chat is not None else MemoryChat())


def v2(content: Any, chat: MemoryChat | None = None) -> Answer:
    """Return the answer to a v2 notification in JSON with the token TOK."""
    call = call_of("POST", V2_PATH, json.dumps(content), JSON, Authorization="Bearer TOK")
    return respond(call, chat if chat is not None else MemoryChat())


def error_of(answer: Answer) -> dict[str, Any]:
    """Return what an answer says under ``error``."""
    return json.loads(answer.body)["error"]
