"""Who is told that a message is due."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from django.db import transaction

from .announcements import Announcements
from .backends.base import HipChatBackendBase
from .connections import connections
from .delivery import engine
from .delivery.run import Run
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
    and keeps the others; the first of a room that is called does the work of all of them.
    """

    def __init__(self) -> None:
        self.begun = False
        self._done: set[tuple[str, str]] = set()

    def deliver(
        self, connection: str, room_id: str, trigger: Trigger, row: OutboundMessage | None
    ) -> None:
        self.begun = True
        if (connection, room_id) not in self._done:
            self._done.add((connection, room_id))
            deliver_now(connection, room_id, trigger, row)


#: The next commit of each database connection. One that is rolled back leaves nothing behind in it
#: and serves the next transaction; one that has begun does not, as its rooms have been looked at.
_next_commits: WeakKeyDictionary[Any, _Commit] = WeakKeyDictionary()


#: What this process has told others of.
announcements = Announcements()


def due(
    connection: str, room_id: str, trigger: Trigger, row: OutboundMessage | None = None
) -> None:
    """
    Set off the delivery of what is due in a room, after the commit.

    ``row`` is the message that was just written; without one the room is announced in any case.
    """
    using = engine.database()
    database = transaction.get_connection(using)
    commit = _next_commits.get(database)
    if commit is None or commit.begun:
        commit = _next_commits[database] = _Commit()

    # Not a partial: in Django 5.2 one that fails raises AttributeError into the caller.
    def deliver() -> None:
        commit.deliver(connection, room_id, trigger, row)

    transaction.on_commit(deliver, using=using, robust=True)


def deliver_now(
    connection: str, room_id: str, trigger: Trigger, row: OutboundMessage | None = None
) -> None:
    """
    Deliver what is due in a room, or have it delivered; ``row`` is the message just written.

    Raise nothing: the rows are written, and what goes wrong here is repeated by the next flush.
    """
    try:
        backend = connections[connection]
        if backend.by_task:
            _have_delivered(connection, room_id, backend, row)
        else:
            engine.deliver_room(connection, room_id, Run(trigger, budget=backend.time_limit))
    except Exception as error:  # noqa: BLE001 - the caller's data is safe and must stay so
        # The class alone: a driver's or a library's text may carry anything.
        logger.error(
            "Delivery to room %s of the connection %s broke off (%s). The messages are in the "
            "outbox; manage.py hipchat_flush_outbox delivers them.",
            room_id,
            connection,
            type(error).__name__,
        )


def _have_delivered(
    connection: str, room_id: str, backend: HipChatBackendBase, row: OutboundMessage | None
) -> None:
    """Announce a room, unless somebody who was told of it before is still to come."""
    if row is not None and announcements.cover(row):
        return
    if backend.announce(connection, room_id) and row is not None:
        announcements.add(row)
