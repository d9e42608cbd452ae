"""The database's clock: workers on several machines agree on it, their own clocks may differ."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import connections
from django.utils import timezone

#: SQLite has no clock but the machine's.
_QUERIES = {
    "postgresql": "SELECT statement_timestamp() AT TIME ZONE 'UTC'",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
}


#: Seconds for which a database's time is reckoned from what it has said last.
RECKONED_SECONDS = 1.0

_said: dict[str, tuple[datetime, float]] = {}


def now(using: str) -> datetime:
    """Return the time by the clock of a database, as the project's models store it."""
    connection = connections[using]
    query = _QUERIES.get(connection.vendor)
    if query is None:
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(query)
        (moment,) = cursor.fetchone()
    moment = moment.replace(tzinfo=UTC)
    _said[using] = moment, time.monotonic()
    return _as_stored(moment)


def reckoned(using: str) -> datetime:
    """
    Return the same without asking, if the database was asked a moment ago.

    It is never earlier than what ``now()`` has returned in this process.
    """
    moment, at = _said.get(using, (None, 0.0))
    passed = time.monotonic() - at
    if moment is None or passed > RECKONED_SECONDS:
        return now(using)
    return _as_stored(moment + timedelta(seconds=passed))


def _as_stored(moment: datetime) -> datetime:
    return moment if timezone.is_aware(timezone.now()) else timezone.make_naive(moment)
