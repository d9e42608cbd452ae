"""A large outbox, written by the database itself: a set of rows a statement."""

from __future__ import annotations

from dataclasses import dataclass

#: Rows that one statement writes.
PIECE = 200_000
#: The outbox's age.
DAYS = 30


@dataclass(frozen=True)
class Dialect:
    """How a database counts, and writes a time that lies some seconds back."""

    numbers: str
    ago: str
    true: str
    false: str


DIALECTS = {
    "postgresql": Dialect(
        "generate_series({low}::bigint, {high}::bigint) AS n(i)",
        "now() - ({seconds}) * interval '1 second'",
        "true",
        "false",
    ),
    "sqlite": Dialect(
        "(WITH RECURSIVE n(i) AS (SELECT {low} UNION ALL SELECT i + 1 FROM n WHERE i < {high}) "
        "SELECT i FROM n) AS n",
        "strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || ({seconds}) || ' seconds')",
        "1",
        "0",
    ),
}

#: Of a thousand messages 976 are sent, 20 have failed, 2 expired, 2 were cancelled; every fifth of
#: the last 5,000 waits, and ten are being sent.
STATUS = """CASE
    WHEN i > {messages} - 10 THEN 'sending'
    WHEN i > {messages} - 5000 AND i % 5 = 0 THEN 'queued'
    WHEN i % 1000 < 20 THEN 'failed'
    WHEN i % 1000 < 22 THEN 'expired'
    WHEN i % 1000 < 24 THEN 'cancelled'
    ELSE 'sent' END"""

MESSAGE = """INSERT INTO djhipchat2_outboundmessage (
    id, created, modified, connection, backend, room_id, sender, message, message_format, notify,
    fallback, fallback_room_id, color, status, attempts, error, held, lease_token, finished_at,
    sent_at, attempt_started_at)
SELECT i, at, at, connection, 'djhipchat2.backends.request.HipChatBackend', room,
    'Bot ' || (i % 50),
    'Message ' || i || ' of a <b>build</b>: all ' || (i % 97) || ' tests have passed in the end.',
    'html', {false}, '', '', color, status, 5,
    CASE WHEN status = 'failed' THEN 'HTTP 404: no room ' || room || ', case ' || i ELSE '' END,
    CASE WHEN status = 'queued' AND i % 100 = 0 THEN {true} ELSE {false} END,
    CASE WHEN status = 'sending' THEN 't' ELSE '' END,
    CASE WHEN status IN ('queued', 'sending') THEN NULL ELSE at END,
    CASE WHEN status = 'sent' THEN at END,
    CASE WHEN status = 'sending' THEN at END
FROM (SELECT i, {at} AS at, {status} AS status,
    CASE WHEN i % 10 = 0 THEN 'room-0' ELSE 'room-' || (i % {rooms}) END AS room,
    CASE WHEN i % 5000 = 17 THEN 'rare' ELSE 'default' END AS connection,
    CASE WHEN i % 50000 = 3 THEN 'purple' WHEN i % 20 = 0 THEN 'red' ELSE 'yellow' END AS color
    FROM {numbers}) AS rows_"""

ATTEMPT = """INSERT INTO djhipchat2_deliveryattempt (
    message_id, number, counted, trigger, worker, started_at, duration_ms, http_status, outcome,
    error, answer)
SELECT 1 + i % {messages}, 1 + i / {messages}, {true}, 'flush', 'web1:812:flush', {at}, 12, 503,
    'unavailable', 'HTTP 503: the chat is down.', '<h1>503</h1>'
FROM {numbers}"""

ROOM = """INSERT INTO djhipchat2_room (
    created, modified, connection, room_id, lease_token, lease_owner, hold_reason, hold_note,
    held_by, limit_taken, failures, sent, last_sent_at)
SELECT {at}, {at}, 'default', 'room-' || i, '', '',
    CASE WHEN i % 500 = 0 THEN 'paused' ELSE '' END, '', '', 0, 0, 200, {at}
FROM {numbers}"""


def fill(database: str, *, messages: int, attempts: int, rooms: int) -> None:
    """Write the outbox."""
    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    dialect = DIALECTS[database]
    age = f"({messages} - i) * {DAYS * 86_400} / {messages}"
    parts = {
        "messages": messages,
        "rooms": rooms,
        "true": dialect.true,
        "false": dialect.false,
        "status": STATUS.format(messages=messages),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, count, seconds in (
            (ROOM, rooms, "i"),
            (MESSAGE, messages, age),
            (ATTEMPT, attempts, f"i % {DAYS * 86_400}"),
        ):
            first = 0 if statement is ROOM else 1
            for low in range(first, count + first, PIECE):
                high = min(low + PIECE, count + first) - 1
                numbers = dialect.numbers.format(low=low, high=high)
                at = dialect.ago.format(seconds=seconds)
                cursor.execute(statement.format(numbers=numbers, at=at, **parts))
    if database == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT setval('djhipchat2_outboundmessage_id_seq', {messages})")
            cursor.execute("VACUUM ANALYZE")
