"""The outbox: messages, the attempts to deliver them, the rooms that they go to, who delivers."""

from __future__ import annotations

from .attempts import ERROR_CHARACTERS, DeliveryAttempt
from .heartbeats import Heartbeat
from .messages import DEDUPE_KEY_CHARACTERS, OutboundMessage
from .rooms import NAME_CHARACTERS, NOTE_CHARACTERS, WHOLE_CONNECTION, Room

__all__ = [
    "DEDUPE_KEY_CHARACTERS",
    "ERROR_CHARACTERS",
    "NAME_CHARACTERS",
    "NOTE_CHARACTERS",
    "WHOLE_CONNECTION",
    "DeliveryAttempt",
    "Heartbeat",
    "OutboundMessage",
    "Room",
]
