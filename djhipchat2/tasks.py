"""
The Celery task. The module imports without Celery and then defines none.

Its arguments name a room; texts and tokens stay out of the broker.
"""

from __future__ import annotations

from typing import Any

from .backends.celery import TASK_NAME
from .connections import connections
from .delivery import engine
from .delivery.run import Run
from .states import Trigger

try:
    from celery import shared_task
except ImportError:
    pass
else:

    @shared_task(name=TASK_NAME, bind=True, acks_late=True, ignore_result=True)
    def deliver_room(task: Any, connection: str, room_id: str) -> None:
        """Deliver what is due in a room, and ask to be called again when more will be."""
        engine.deliver_room(connection, room_id, Run(Trigger.TASK))
        delay = engine.next_due(connection, room_id)
        # In eager mode a countdown is no countdown: the task would call itself without end.
        if delay is not None and not task.request.is_eager:
            connections[connection].announce(connection, room_id, delay=delay)
