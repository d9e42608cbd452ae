"""
Chat notifications that are not lost: a persisted outbox, delivered to HipChat and today's chats.

The public names are looked up when they are first used: ``LOGGING`` is configured, and may import
``djhipchat2.logger``, before Django has models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import asend_message, asend_messages, get_backend, send_message, send_messages

__version__ = "2.0.0"

__all__ = [
    "asend_message",
    "asend_messages",
    "get_backend",
    "send_message",
    "send_messages",
    "sent_messages",
]

#: Payloads of what the ``locmem`` backend delivered. Tests empty it.
sent_messages: list[dict[str, Any]] = []


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(".api", __name__), name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
