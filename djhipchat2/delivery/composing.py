"""Which messages go into which window. No database is asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from .holds import Way
from .pace import Paces
from .room import Room
from .window import Share, Window


def compose(
    rooms: Iterable[Room],
    *,
    hands: int,
    messages: int,
    paces: Paces,
    in_hand: Mapping[str, int],
    now: datetime,
) -> list[Window]:
    """
    Return windows for so many hands, of so many messages at most, taken from rooms that are ready.

    A window is of one connection. While a connection is probed it gets one message at a time, and
    a room whose last attempt failed gets one in a window.
    """
    ready: dict[str, list[Room]] = {}
    for room in rooms:
        if room.is_ready and room.gate.way is not Way.CLOSED:
            ready.setdefault(room.lease.connection, []).append(room)
    windows: list[Window] = []
    queue = deque(ready.items())
    while queue and len(windows) < hands and messages > 0:
        connection, waiting = queue.popleft()
        probing = waiting[0].gate.probing
        if probing and in_hand.get(connection):
            continue
        size = 1 if probing else min(paces[connection].size, messages)
        window = Window(connection, list(_fill(waiting, size)), now)
        windows.append(window)
        messages -= window.size
        if waiting and not probing:
            queue.append((connection, waiting))  # the others first
    return windows


def _fill(waiting: list[Room], size: int) -> Iterator[Share]:
    while waiting and size > 0:
        room = waiting.pop(0)
        number = min(1 if room.lease.failures else size, len(room.rows))
        rows = [room.rows.popleft() for _ in range(number)]
        room.is_under_way = True
        size -= number
        yield Share(room.lease, rows)
