"""Who is told that a message is due."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connections as databases
from django.db import transaction

from .announcements import Announcements
from .backends.base import HipChatBackendBase
from .connections import connections
from .delivery import engine
from .delivery.run import Run
from .forks import after_fork
from .message import Message
from .models import OutboundMessage
from .states import Trigger

logger = logging.getLogger(__name__)


def announce(
    written: Iterable[tuple[OutboundMessage, Message]],
    backend: HipChatBackendBase,
    trigger: Trigger = Trigger.IMMEDIATE,
) -> None:
    """
    Set off the delivery of rows that were just written, all of one connection.

    A backend that stays inside this process delivers now; any other after the commit, once a room.
    """
    if backend.at_once:
        for row, message in written:
            engine.deliver_at_once(row, message, backend)
        return
    for (connection, room_id), row in {(r.connection, r.room_id): r for r, _ in written}.items():
        due(connection, room_id, trigger, row)


class _Commit:
    """
    The rooms that one commit has delivered to, however many messages of it name them.

    Each message leaves a callback, so that Django drops the one of a savepoint that is rolled back
    and keeps the others; the first of a room that is called does the work of all of them. All rooms
    share the time that the caller waits for.
    """

    def __init__(self) -> None:
        self._started: float | None = None
        self._done: set[tuple[str, str]] = set()

    @property
    def begun(self) -> bool:
        return self._started is not None

    def deliver(
        self, connection: str, room_id: str, trigger: Trigger, row: OutboundMessage | None
    ) -> None:
        if self._started is None:
            self._started = time.monotonic()
        if (connection, room_id) not in self._done:
            self._done.add((connection, room_id))
            deliver_now(connection, room_id, trigger, row, started=self._started)


#: The next commit of each database connection. One that is rolled back leaves nothing behind in it
#: and serves the next transaction; one that has begun does not, as its rooms have been looked at.
_next_commits: WeakKeyDictionary[Any, _Commit] = WeakKeyDictionary()


#: What this process has told others of.
announcements = Announcements()


def _forget() -> None:
    announcements.forget()


after_fork(_forget)


def due(
    connection: str, room_id: str, trigger: Trigger, row: OutboundMessage | None = None
) -> None:
    """
    Set off the delivery of what is due in a room, after the commit.

    ``row`` is the message that was just written; without one the room is announced in any case.
    """
    _after_commit(engine.database(), connection, room_id, trigger, row)


def _after_commit(
    using: str, connection: str, room_id: str, trigger: Trigger, row: OutboundMessage | None
) -> None:
    database = transaction.get_connection(using)
    commit = _next_commits.get(database)
    if commit is None or commit.begun:
        commit = _next_commits[database] = _Commit()

    # Not a partial: in Django 5.2 one that fails raises AttributeError into the caller.
    def deliver() -> None:
        commit.deliver(connection, room_id, trigger, row)

    transaction.on_commit(deliver, using=using, robust=True)


def deliver_now(
    connection: str,
    room_id: str,
    trigger: Trigger,
    row: OutboundMessage | None = None,
    *,
    started: float,
) -> None:
    """
    Deliver what is due in a room, or have it delivered; ``row`` is the message just written.

    The caller waits since ``started``, by ``time.monotonic()``; when it has waited long enough the
    room is left to the next flush. Raise nothing: the rows are written, and what goes wrong here is
    repeated by the next flush.
    """
    try:
        backend = connections[connection]
        if backend.by_task:
            _have_delivered(connection, room_id, backend, row)
        elif (other := _open_transaction()) is not None:
            # HTTP would keep it open. If it is rolled back, the next flush delivers.
            _after_commit(other, connection, room_id, trigger, row)
        elif not (run := Run(trigger, budget=backend.time_limit, started=started)).over:
            engine.deliver_room(connection, room_id, run)
    except Exception as error:  # noqa: BLE001 - the caller's data is safe and must stay so
        # The class alone: a driver's or a library's text may carry anything.
        logger.error(
            "Delivery to room %s of the connection %s broke off (%s). The messages are in the "
            "outbox; manage.py hipchat_flush_outbox delivers them.",
            room_id,
            connection,
            type(error).__name__,
        )


def _open_transaction() -> str | None:
    """Return a database in which this thread has a transaction open that is no test's."""
    for database in databases.all(initialized_only=True):
        if database.in_atomic_block:
            try:
                with transaction.atomic(using=database.alias, durable=True):
                    pass  # only the refusal is wanted
            except RuntimeError:
                return database.alias
    return None


def _have_delivered(
    connection: str, room_id: str, backend: HipChatBackendBase, row: OutboundMessage | None
) -> None:
    """Announce a room, unless somebody who was told of it before is still to come."""
    if row is not None and announcements.cover(row):
        return
    if backend.announce(connection, room_id) and row is not None:
        announcements.add(row)
