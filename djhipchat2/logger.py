"""
Log records as chat messages.

A handler must neither slow the code that logs nor lose the record of an error whose transaction
is rolled back. So records are queued in memory, and a thread of this process writes them to the
outbox on a database connection of its own. Under ``locmem``, ``dummy`` and ``console`` there is
nothing to wait for and they are delivered at once, in the caller's transaction, for tests.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from .connections import DEFAULT, connections
from .log_queue import queue
from .message import COLOR_CORRECTIONS, COLORS, FORMATS, V1, Message
from .states import Color, MessageFormat

#: Records of these would be about the message that carries them, without end.
OWN_LOGGERS = ("djhipchat2", "urllib3", "requests")

_emitting: ContextVar[bool] = ContextVar("djhipchat2_emitting", default=False)
_own = logging.getLogger("djhipchat2.logger")


class HipChatHandler(logging.Handler):
    """
    Send log records to a room.

    ``room`` (2013's code: ``room_id``) is its id or name. ``token`` is a token of this handler's
    own; it is kept in memory only. ``colors`` maps level names to colours that take the place of
    ``color``. ``using`` names a connection instead. The other arguments are ``send_message()``'s.
    With a formatter the message is its text, without one the record's message alone, as in 2013.

    Raise TypeError without a room, and MessageError for one that cannot be. Other values that
    HipChat would refuse raise nothing: texts and senders are shortened, an unknown colour becomes
    yellow and an unknown format text, and a warning is logged once.
    """

    def __init__(
        self,
        room: str | int | None = None,
        colors: Mapping[str, str] | None = None,
        *,
        room_id: str | int | None = None,
        token: str | None = None,
        sender: str | None = None,
        message_format: str = "text",
        notify: bool = False,
        color: str = Color.YELLOW.value,
        using: str = DEFAULT,
        level: int | str = logging.NOTSET,
    ) -> None:
        super().__init__(level)
        where = room if room is not None else room_id
        if where is None:
            message = "HipChatHandler needs a room: give room='…' (or room_id='…')."
            raise TypeError(message)
        # In every handler's own words, and where LOGGING is read: no record could be delivered.
        self.room_id = Message.from_call(
            room_id=where,
            message="x",
            sender="x",
            message_format="text",
            notify=False,
            color=Color.YELLOW.value,
            limits=V1,
        ).room_id
        self.colors = {name: _known_color(value) for name, value in (colors or {}).items()}
        self.color = _known_color(color)
        self.sender = None if sender is None else str(sender)
        self.message_format = _known_format(message_format)
        self.notify = notify
        self.using = connections.register(token=token) if token else using

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record for the outbox. Trouble goes to ``handleError()``, never to the caller."""
        if _emitting.get() or record.name.partition(".")[0] in OWN_LOGGERS:
            return
        mark = _emitting.set(True)
        try:
            queue.put(self._call(record), self.using)
        except Exception:  # noqa: BLE001 - logging's own rule: a handler never raises
            self.handleError(record)
        finally:
            _emitting.reset(mark)

    def flush(self) -> None:
        """Wait, some seconds at most, until what is queued stands in the outbox."""
        queue.drain()

    def _call(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return ``send_message()``'s arguments for a record."""
        return {
            "room_id": self.room_id,
            "message": self.format(record) if self.formatter else record.getMessage(),
            "sender": self.sender,
            "message_format": self.message_format,
            "notify": self.notify,
            "color": self.colors.get(record.levelname, self.color),
        }


def _known_format(message_format: str) -> str:
    if message_format in FORMATS:
        return message_format
    known = MessageFormat.TEXT.value
    _own.warning(
        "HipChat has no message_format %r; the handler uses %r. Correct LOGGING.",
        message_format,
        known,
    )
    return known


def _known_color(color: str) -> str:
    if color in COLORS:
        return color
    known = COLOR_CORRECTIONS.get(color, Color.YELLOW.value)
    _own.warning("HipChat has no colour %r; the handler uses %r. Correct LOGGING.", color, known)
    return known
