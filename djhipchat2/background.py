"""
The task of Django's Tasks framework. The module imports without one and then defines none.

Its arguments name a room; texts and tokens stay out of the queue. Workers find it by its dotted
path, which is why it does not stand beside Celery's task of the same name.
"""

from __future__ import annotations

from . import work
from .backends.framework import framework
from .conf import settings
from .connections import connections

try:
    task = framework().task
except ImportError:
    pass
else:
    # Checked by the backend that is named here; others are chosen where it is put into a queue.
    @task(backend=settings.tasks_alias, queue_name=settings.tasks_queue)  # type: ignore[untyped-decorator]  # the framework may be one or the other
    def deliver_room(connection: str, room_id: str, again: bool = False) -> None:  # noqa: FBT001, FBT002 - its arguments are data
        """Deliver what is due in a room, and ask to be called again when more will be."""
        delay = work.deliver_room(connection, room_id, again=again)
        if delay is not None:
            connections[connection].announce(connection, room_id, delay=delay)
