"""Apprise's address of a local server, and a message that is sent there."""

from __future__ import annotations

from typing import Any

from djhipchat2.backends.apprise import HipChatBackend
from djhipchat2.backends.base import Result
from djhipchat2.message import Message
from tests.backends.raw_server import RawServer
from tests.backends.sending import a_message

SECRET = "s3cretT0ken"


def address(server: RawServer, kind: str = "json", tail: str = "") -> str:
    return f"{kind}://127.0.0.1:{server.port}/{SECRET}{tail}"


def deliver(url: Any = None, message: Message | None = None, **options: Any) -> Result:
    backend = HipChatBackend(alias="ops", url=url, **options)
    return backend.deliver(message or a_message(), timeout=4)
