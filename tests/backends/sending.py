"""A ``request`` backend and a message for it."""

from __future__ import annotations

from typing import Any

from djhipchat2.backends.base import Result
from djhipchat2.backends.request import HipChatBackend
from djhipchat2.message import Message

TOKEN = "t0kenOfTheOpsRoom"


def backend_for(url: str, **options: Any) -> HipChatBackend:
    return HipChatBackend(alias="ops", **{"api_url": url, "token": TOKEN, **options})


def a_message(**changes: Any) -> Message:
    return Message(**{"room_id": "Ops", "text": "hello", **changes})


def deliver(url: str, **options: Any) -> Result:
    """Deliver one message with a backend of its own."""
    backend = backend_for(url, **options)
    try:
        return backend.deliver(a_message())
    finally:
        backend.close()
