"""A homeserver that answers what a test wrote down, and a backend that speaks to it."""

from __future__ import annotations

from contextlib import closing
from typing import Any
from urllib.parse import unquote

from djhipchat2.backends.base import Result
from djhipchat2.backends.loading import load_backend
from djhipchat2.backends.matrix import HipChatBackend
from djhipchat2.message import Message
from tests.backends.chat_receiver import says
from tests.backends.raw_server import RawServer
from tests.backends.sending import a_message

TOKEN = "syt_b3Q_s3cretOfTheBot"
ALIAS, ROOM = "#ops:example.com", "!abc:example.com"


def error(status: str, code: str, words: str, **more: Any) -> bytes:
    return says(status, {"errcode": code, "error": words, **more})


PLAIN = error("404 Not Found", "M_NOT_FOUND", "Event not found.")
SENT = says("200 OK", {"event_id": "$1"})


def backend_for(server: RawServer, **options: Any) -> HipChatBackend:
    options = {"homeserver": server.url, "token": TOKEN, **options}
    backend = load_backend("djhipchat2.backends.matrix.HipChatBackend", "ops", options)
    assert isinstance(backend, HipChatBackend)
    return backend


def to(room: str = ROOM, **changes: Any) -> Message:
    return a_message(room_id=room, key="djhipchat2-1", **changes)


def delivered(server: RawServer, message: Message | None = None, **options: Any) -> Result:
    with closing(backend_for(server, **options)) as backend:
        return backend.deliver(message or to())


def asked(server: RawServer) -> list[str]:
    """Return what a server was asked for, without the API's path."""
    lines = [unquote(request.line) for request in server.requests]
    return [line.replace("/_matrix/client/v3/", "").removesuffix(" HTTP/1.1") for line in lines]


SEND = f"PUT rooms/{ROOM}/send/m.room.message/djhipchat2-1"
LOOK = f"GET rooms/{ROOM}/state/m.room.encryption"
