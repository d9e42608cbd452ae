"""What has arrived in a room of Synapse's."""

from __future__ import annotations

from typing import Any

from tests.matrix_server import Room, User
from tests.waiting import wait_until


def arrived(reader: User, room: Room, count: int = 1) -> list[Any]:
    """Return a room's messages once there are so many; Synapse shows the newest a little later."""
    wait_until(lambda: len(reader.events(room)) >= count)
    events: list[Any] = reader.events(room)
    assert len(events) == count
    return events
