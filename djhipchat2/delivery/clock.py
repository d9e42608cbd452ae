"""The database's clock: workers on several machines agree on it, their own clocks may differ."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connections
from django.utils import timezone

#: SQLite has no clock but the machine's.
_QUERIES = {
    "postgresql": "SELECT statement_timestamp() AT TIME ZONE 'UTC'",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
}


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
    return moment if timezone.is_aware(timezone.now()) else timezone.make_naive(moment)
