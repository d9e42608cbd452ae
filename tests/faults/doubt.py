"""
What a worker that has just died leaves behind.

Its messages in hand are the rows that are marked as being sent under a lease of its own. Nobody
else changes them before the lease expires, so they are read at leisure. They, and no others, may
arrive twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Status


class Doubts:
    """The messages in hand of each worker that was killed."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()
        """How often a text was in hand."""
        self.largest = 0
        """The most messages of one room that one kill left in doubt."""
        self.kills = 0
        """Kills that left any."""

    def add(self, pids: Collection[int]) -> None:
        """Note what the dead processes had in hand."""
        found = False
        for room in rooms_of(pids):
            in_room = OutboundMessage.objects.in_room(room.connection, room.room_id)
            rows = in_room.filter(status=Status.SENDING, lease_token=room.lease_token)
            texts = list(rows.values_list("message", flat=True))
            self.times.update(texts)
            self.largest = max(self.largest, len(texts))
            found = found or bool(texts)
        self.kills += found


def rooms_of(pids: Collection[int]) -> list[Room]:
    """Return the rooms that processes of this machine have leased."""
    leased = Room.objects.exclude(lease_token="")
    return [room for room in leased if _pid_of(room.lease_owner) in pids]


def pids_at_work() -> set[int]:
    """Return the ids of the processes that have a room leased."""
    return {_pid_of(room.lease_owner) for room in Room.objects.exclude(lease_token="")}


def _pid_of(owner: str) -> int:
    """Return the process's id from a worker's name: host, process and thread."""
    return int(owner.split(":")[1])
