"""Who is told that a message is due."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from django.db import transaction

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
    for connection, room_id in dict.fromkeys((row.connection, row.room_id) for row, _ in written):
        due(connection, room_id, trigger)


def due(connection: str, room_id: str, trigger: Trigger) -> None:
    """Set off the delivery of what is due in a room, after the commit."""

    # Not a partial: in Django 5.2 one that fails raises AttributeError into the caller.
    def deliver() -> None:
        deliver_now(connection, room_id, trigger)

    transaction.on_commit(deliver, using=engine.database(), robust=True)


def deliver_now(connection: str, room_id: str, trigger: Trigger) -> None:
    """
    Deliver what is due in a room, or have it delivered.

    Raise nothing: the rows are written, and what goes wrong here is repeated by the next flush.
    """
    try:
        backend = connections[connection]
        if backend.by_task:
            backend.announce(connection, room_id)
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
