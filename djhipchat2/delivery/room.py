"""A room that a run has leased."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured

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

    def require_own(self, rows: Iterable[OutboundMessage]) -> None:
        """Raise ImproperlyConfigured for rows of a connection that the database takes for ours."""
        ours = self.lease.connection
        for row in rows:
            if row.connection != ours:
                message = (
                    f"message {row.pk} is of the connection {row.connection!r}, which the database "
                    f"takes for {ours!r}; give one of them another name, or make the collation of "
                    f"the outbox's tables binary (utf8mb4_bin)."
                )
                raise ImproperlyConfigured(message)
