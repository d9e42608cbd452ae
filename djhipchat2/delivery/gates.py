"""What one run knows of the connections that its rooms belong to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured

from ..connections import connections
from ..exceptions import ConnectionUnknown
from . import holds
from .holds import Gate
from .lease import Place
from .policies import policy_of
from .run import Run

logger = logging.getLogger(__name__)


class Gates:
    """The gates that a run has come to, by connection."""

    def __init__(self, run: Run, using: str) -> None:
        self._run = run
        self._using = using
        self._by_connection: dict[str, Gate] = {}

    def __getitem__(self, connection: str) -> Gate:
        return self._by_connection[connection]

    def values(self) -> Iterable[Gate]:
        """Return all of them."""
        return self._by_connection.values()

    def look(self, place: Place, looked_at: set[str], now: datetime) -> Gate | None:
        """
        Return what is known of a room's connection; None if this process cannot use it.

        The database is asked once for those that are not among ``looked_at`` yet.
        """
        connection = place[0]
        gate = self._by_connection.get(connection)
        if gate is None or connection not in looked_at:
            try:
                connections[connection]
                policy_of(connection)  # read when outcomes are recorded, which must not fail then
            except (ConnectionUnknown, ImproperlyConfigured) as error:
                self.leave(place, error)
                return None
            gate = self._by_connection.setdefault(connection, Gate(self._using, connection))
            if not gate.probing:
                holds.look(gate, now)
            looked_at.add(connection)
        return gate

    def made(self, connection: str) -> Gate:
        """Return a connection's gate, which need not be open: for what sends nothing."""
        gate = self._by_connection.get(connection)
        if gate is None:
            gate = self._by_connection[connection] = Gate(self._using, connection)
            gate.counts = gate.row().filter(limit_left__isnull=False).exists()
        return gate

    def leave(self, place: Place, error: Exception) -> None:
        """Leave a room to a process with other settings, or to this one with corrected ones."""
        self._run.summary.skipped_rooms += 1
        logger.warning("Room %s of the connection %s waits: %s", place[1], place[0], error)
