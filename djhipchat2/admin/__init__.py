"""The outbox in Django's admin: seen, explained, resent, cancelled; never edited."""

from __future__ import annotations

from .messages import OutboundMessageAdmin
from .rooms import RoomAdmin

__all__ = ["OutboundMessageAdmin", "RoomAdmin"]
