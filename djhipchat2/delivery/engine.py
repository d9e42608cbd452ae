"""
Delivering what is due: one room, every room, or one message at once.

A room is delivered in small windows that follow the server's pace: one message at a time while it
answers slowly, more while it answers fast. So the database is asked little, and a worker that is
killed leaves at most the answers of the last ``WINDOW_SECONDS`` unrecorded.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured
from django.db import router
from django.db.models import Min

from ..backends.base import HipChatBackendBase, Result
from ..conf import settings
from ..connections import connections
from ..exceptions import ConnectionUnknown
from ..message import Message
from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..signals import message_failed, message_sent
from ..states import Outcome, Status
from . import clock, holds, lease, record, retry
from .attempt import Attempt, attempt
from .run import Pace, Run, Summary, worker_name

logger = logging.getLogger(__name__)


def database() -> str:
    """Return the alias of the database that the outbox is written to."""
    return router.db_for_write(OutboundMessage)


def policy() -> retry.Policy:
    """Return the project's retry policy."""
    return retry.Policy(settings.max_attempts, settings.backoff_base, settings.backoff_cap)


def deliver_room(connection: str, room_id: str, run: Run) -> Summary:
    """
    Deliver what is due in a room, in order, unless somebody else does or the room is on hold.

    Raise ConnectionUnknown or ImproperlyConfigured, having touched nothing, if there is no such
    connection, and RuntimeError inside a transaction.
    """
    backend = connections[connection]
    using = database()
    while not run.over and _is_due(using, connection, room_id):
        with _leased(using, connection, room_id, run) as held:
            if held is None:
                break
            _drain(held, backend, run)
        # A message that was committed while the room was being given back found it taken, so
        # its sender left it to us: look once more.
    return run.summary


def flush(run: Run, *, using: str | None = None, room_id: str | None = None) -> Summary:
    """Deliver what is due in every room, or in those of a connection or of a name."""
    alias = database()
    rows = OutboundMessage.objects.using(alias)
    run.summary.expired += record.expire(rows.all(), clock.now(alias))
    for connection, room in rows.rooms(using=using):
        if run.over:
            break
        if room_id is not None and room != room_id:
            continue
        try:
            deliver_room(connection, room, run)
        except (ConnectionUnknown, ImproperlyConfigured) as error:
            run.summary.skipped_rooms += 1
            logger.warning("Room %s of the connection %s waits: %s", room, connection, error)
    return run.summary


def deliver_at_once(row: OutboundMessage, message: Message, backend: HipChatBackendBase) -> None:
    """Deliver a message that stays in this process, and record it in the caller's transaction."""
    now = clock.now(database())
    made = attempt(row, backend, now=now, timeout=backend.time_limit, message=message)
    record.record_at_once(made, worker_name(), policy(), now)
    _tell([made])


def next_due(connection: str, room_id: str) -> float | None:
    """
    Return the seconds until something in the room can be sent.

    None if nothing waits, or if the room is on hold until somebody lifts it.
    """
    using = database()
    queued = OutboundMessage.objects.using(using).queued().in_room(connection, room_id)
    now = clock.now(using)
    if queued.due(now).exists():
        earliest = now
    else:
        waiting = queued.filter(next_attempt_at__gt=now)
        earliest = waiting.aggregate(earliest=Min("next_attempt_at"))["earliest"]
    if earliest is None:
        return None
    places = Room.objects.using(using).filter(
        connection=connection, room_id__in=[room_id, WHOLE_CONNECTION]
    )
    for hold in places.held(now):
        if hold.hold_until is None:
            return None
        earliest = max(earliest, hold.hold_until)
    return max((earliest - now).total_seconds(), 0)


def _is_due(using: str, connection: str, room_id: str) -> bool:
    rows = OutboundMessage.objects.using(using).in_room(connection, room_id)
    return rows.due(clock.now(using)).exists()


@contextmanager
def _leased(using: str, connection: str, room_id: str, run: Run) -> Iterator[lease.Lease | None]:
    """Yield a lease of the room; None if somebody else has it, or it or its connection is held."""
    way, failures = holds.way(using, connection, clock.now(using))
    held = None
    try:
        if way is not holds.Way.CLOSED:
            held = lease.claim(connection, room_id, owner=run.worker, using=using)
        if held is not None:
            held.probing = way is holds.Way.PROBE
            held.connection_failures = failures
        yield held
    except lease.LeaseLost:
        logger.warning("Room %s was taken over from %s.", room_id, run.worker)
    finally:
        if way is holds.Way.PROBE and (held is None or held.probing):
            holds.give_back_probe(using, connection, clock.now(using))
        if held is not None:
            lease.release(held)


def _drain(held: lease.Lease, backend: HipChatBackendBase, run: Run) -> None:
    room = OutboundMessage.objects.using(held.using).in_room(held.connection, held.room_id)
    run.summary.recovered += record.recover(held, trigger=run.trigger, policy=policy())
    run.summary.expired += record.expire(room, clock.now(held.using))
    pace = Pace()
    while not run.over:
        due = room.due(clock.now(held.using)).order_by("pk")
        rows = list(due[: run.at_most(pace.size)])
        started = time.monotonic()
        tried = _deliver_window(held, backend, run, rows)
        run.progress(run.summary)
        if not tried:
            return
        pace.learn(time.monotonic() - started, tried)


def _deliver_window(
    held: lease.Lease, backend: HipChatBackendBase, run: Run, rows: list[OutboundMessage]
) -> int:
    """Mark, try and record some messages; return how many were tried."""
    now = clock.now(held.using)
    started = time.monotonic()
    marked = record.mark(held, rows, now)
    attempts: list[Attempt] = []
    begun = 0
    try:
        for row in marked:
            if attempts and (run.stop() or not _invites_more(attempts[-1].result)):
                break  # the rest waits for what this answer means for the room
            lease.ensure(held, backend.time_limit)
            begun += 1
            elapsed = timedelta(seconds=time.monotonic() - started)
            timeout = run.time_limit(backend.time_limit)
            attempts.append(attempt(row, backend, now=now + elapsed, timeout=timeout))
    finally:
        # Also when a signal's exception ends the loop: what was answered is recorded. The one in
        # hand stays marked, and whoever leases the room next finds its outcome unknown.
        record.unmark(held, marked[begun:])
        _record(held, attempts, run)
    return len(attempts)


def _invites_more(result: Result) -> bool:
    return result.outcome is Outcome.ACCEPTED and result.retry_after is None


def _record(held: lease.Lease, attempts: list[Attempt], run: Run) -> None:
    if not attempts:
        return
    for verdict in record.record(held, attempts, trigger=run.trigger, policy=policy()):
        if verdict.status is Status.SENT:
            run.summary.sent += 1
        elif verdict.status is Status.FAILED:
            run.summary.failed += 1
        else:
            run.summary.retried += 1
    _tell(attempts)


def _tell(attempts: list[Attempt]) -> None:
    """Send the signals about final messages; a receiver that raises is logged by Django."""
    for made in attempts:
        if made.row.status == Status.SENT:
            message_sent.send_robust(OutboundMessage, message=made.row)
        elif made.row.status == Status.FAILED:
            message_failed.send_robust(OutboundMessage, message=made.row)
