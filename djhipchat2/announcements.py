"""
Who was told of a room and has not come yet.

A task finds everything that is due in its room by the time it begins. While one is on its way,
another would find nothing left to do: messages that come in a burst share a task.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from django.db import DatabaseError

from .models import OutboundMessage

#: Seconds after which a room is announced once more, even if nobody has come. This is what the next
#: message of a room waits for when a broker has lost the task before it.
SECONDS = 1.0

Key = tuple[str, str, str]
"""A database, a connection's alias and a room."""


class _Announced(NamedTuple):
    pk: int
    created: datetime
    """Where a transaction is rolled back, as tests do, keys are used again; moments are not."""
    at: float


class Announcements:
    """What this process has announced lately: of each room the last message."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a forked process has to: nobody would open a lock that it inherits."""
        self._last: dict[Key, _Announced] = {}
        self._lock = threading.Lock()

    def add(self, row: OutboundMessage) -> None:
        """Remember that somebody was told of a message, and thereby of its room."""
        key = _key(row)
        now = time.monotonic()
        with self._lock:
            self._last.pop(key, None)  # to the end, where the latest are
            self._last[key] = _Announced(row.pk, row.created, now)
            for stale in takewhile(lambda k: now - self._last[k].at >= SECONDS, list(self._last)):
                del self._last[stale]

    def cover(self, row: OutboundMessage) -> bool:
        """
        Return whether somebody is still to come who will find a message, which is committed.

        So it is while the message announced before it is untouched: whoever comes to that one
        looks what else is due, and once more after the room is given back.
        """
        last = self._last.get(_key(row))
        if last is None or time.monotonic() - last.at >= SECONDS:
            return False
        rows = OutboundMessage.objects.using(row._state.db).queued()
        try:
            return rows.filter(pk=last.pk, created=last.created, attempts=0).exists()
        except DatabaseError:
            return False


def _key(row: OutboundMessage) -> Key:
    return str(row._state.db), row.connection, row.room_id
