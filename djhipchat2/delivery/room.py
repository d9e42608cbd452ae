"""A room that a run has leased."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ..models import OutboundMessage
from .holds import Gate
from .lease import Lease


@dataclass(eq=False)
class Room:
    """A leased room and what was read of it."""

    lease: Lease
    gate: Gate
    rows: deque[OutboundMessage] = field(default_factory=deque)
    read_all: bool = False
    """Was nothing more due when it was last read?"""
    is_under_way: bool = False
    unmarked: int = 0
    """Times in a row that none of its messages could be marked."""
    is_stopped: bool = False
    """Is it to be left alone: on hold, or its limit used up?"""

    @property
    def is_ready(self) -> bool:
        """Has it messages that may be handed over?"""
        return bool(self.rows) and not self.is_under_way and not self.is_stopped

    @property
    def is_over(self) -> bool:
        """Is there nothing to be done in it any more?"""
        return not self.is_under_way and (self.is_stopped or (self.read_all and not self.rows))
