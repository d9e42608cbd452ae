"""A moment, and messages and rooms to be explained at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from djhipchat2.models import OutboundMessage, Room

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
LATER = NOW + timedelta(minutes=5)


def message(**values: Any) -> OutboundMessage:
    return OutboundMessage(**{"connection": "default", "room_id": "Ops", "message": "x", **values})


def room(**values: Any) -> Room:
    return Room(connection="default", room_id="Ops", **values)
