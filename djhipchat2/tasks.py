"""
The Celery tasks. The module imports without Celery and then defines none.

Their arguments name a room; texts and tokens stay out of the broker. They are written in JSON,
whatever the project's default is.
"""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager
from typing import Any

from . import work
from .backends.celery import TASK_NAME
from .connections import connections
from .delivery.stopping import Stop, stop_on


def _stop_on_soft_time_limit() -> AbstractContextManager[Stop]:
    """
    Stop at Celery's soft time limit, in place of an exception.

    Celery tells a child of its soft time limit by SIGUSR1, whose handler raises
    SoftTimeLimitExceeded wherever the child is: between a message's answer and its record, or
    in a backend that takes it for a failed delivery. The message in hand is finished instead.
    """
    return stop_on(signal.SIGUSR1) if hasattr(signal, "SIGUSR1") else stop_on()  # as on Windows


try:
    from celery import shared_task
except ImportError:
    pass
else:
    # Acknowledged when it is done: the task of a worker that is killed is given to another. That
    # of a child which the worker sees die is not put back, even if the project does so by default:
    # the room stays leased to the dead one for a while, so that the task could do nothing yet, and
    # one that kills its children before it has a lease would go round without end. The messages
    # are delivered by the next flush.
    @shared_task(
        name=TASK_NAME,
        bind=True,
        acks_late=True,
        reject_on_worker_lost=False,
        ignore_result=True,
        serializer="json",
    )
    def deliver_room(task: Any, connection: str, room_id: str, again: bool = False) -> None:  # noqa: FBT001, FBT002 - Celery's arguments are data
        """Deliver what is due in a room, and ask to be called again when more will be."""
        with _stop_on_soft_time_limit() as stop:
            delay = work.deliver_room(connection, room_id, again=again, stop=stop.is_set)
            # In eager mode a countdown is no countdown: the task would call itself without end.
            if delay is not None and not task.request.is_eager:
                connections[connection].announce(connection, room_id, delay=delay)

    @shared_task(name="djhipchat2.tasks.flush_outbox", ignore_result=True, serializer="json")
    def flush_outbox() -> None:
        """Deliver what is due in every room; for beat, once a minute."""
        with _stop_on_soft_time_limit() as stop:
            work.flush_outbox(stop=stop.is_set)

    @shared_task(name="djhipchat2.tasks.purge_outbox", ignore_result=True, serializer="json")
    def purge_outbox(
        older_than_days: float = 30, statuses: tuple[str, ...] = (), batch_size: int = 1_000
    ) -> None:
        """Delete messages that came to their end long ago; for beat, once a day."""
        with _stop_on_soft_time_limit() as stop:
            work.purge_outbox(
                older_than_days=older_than_days,
                statuses=statuses,
                batch_size=batch_size,
                stop=stop.is_set,
            )
