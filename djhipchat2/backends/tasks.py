"""
Deliver through a task of Django's Tasks framework.

The task is given a connection's alias and a room, never a text or a token; what to send, and when
to try again, it reads from the outbox.
"""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.utils import timezone

from ..conf import settings
from .framework import REMEDY, framework
from .handover import HandOverBackend


class HipChatBackend(HandOverBackend):
    """
    Leave delivery to a worker of a backend in ``TASKS``.

    The option ``backend`` (by default HIPCHAT_TASKS_BACKEND) names the backend that delivers,
    ``tasks_alias`` the key of ``TASKS``, ``tasks_queue`` the queue; the one that delivers gets all
    other options.
    """

    runner = "Tasks"
    setting = "HIPCHAT_TASKS_BACKEND"
    own_options = ("tasks_alias", "tasks_queue")

    @classmethod
    def default_path(cls) -> str:
        return settings.tasks_backend

    @property
    def tasks_alias(self) -> str:
        """Key of ``TASKS``."""
        return self.options.get("tasks_alias") or settings.tasks_alias

    @property
    def tasks_queue(self) -> str:
        """Queue of that backend."""
        return self.options.get("tasks_queue") or settings.tasks_queue

    def hand_over(self, connection: str, room_id: str, *, delay: float) -> None:
        task = self._task()
        if not delay:
            task.enqueue(connection, room_id)
        elif task.get_backend().supports_defer:
            when = timezone.now() + timedelta(seconds=delay)
            # A task that was put off goes on looking; see work.deliver_room().
            task.using(run_after=when).enqueue(connection, room_id, again=True)
        # Without run_after it would run at once, find nothing due, and ask for itself without end:
        # the next flush delivers what is due later.

    def check_runner(self) -> list[CheckMessage]:
        try:
            task = self._task()
        except ImportError:
            return [
                Error(
                    "The tasks backend needs Django's Tasks framework, which Django has from 6.0 "
                    "on.",
                    hint=REMEDY,
                    id="djhipchat2.E012",
                )
            ]
        except Exception as error:  # noqa: BLE001 - each release of the framework has its own
            return [
                Error(
                    f"The connection {self.alias!r} cannot use the queue {self.tasks_queue!r} of "
                    f"TASKS[{self.tasks_alias!r}]: {error}",
                    hint="Set HIPCHAT_TASKS_ALIAS to a key of TASKS, and HIPCHAT_TASKS_QUEUE to "
                    "one of its QUEUES.",
                    id="djhipchat2.E013",
                )
            ]
        return self._check_kind(task.get_backend())

    def _check_kind(self, backend: Any) -> list[CheckMessage]:
        kinds = import_module(f"{framework().__name__}.backends.immediate")
        unused = import_module(f"{framework().__name__}.backends.dummy")
        hint = "Set TASKS to a backend with a worker, for example django_tasks_db's."
        if isinstance(backend, kinds.ImmediateBackend):
            return [
                Warning(
                    f"TASKS[{self.tasks_alias!r}] runs tasks in the caller's process, which waits "
                    "for the chat.",
                    hint=hint,
                    id="djhipchat2.W004",
                )
            ]
        if isinstance(backend, unused.DummyBackend):
            return [
                Warning(
                    f"TASKS[{self.tasks_alias!r}] never runs a task; messages wait for a flush.",
                    hint=hint,
                    id="djhipchat2.W005",
                )
            ]
        return []

    def _task(self) -> Any:
        """Return the task for this queue. Raise ImportError without a framework."""
        framework()
        task = import_module("djhipchat2.background").deliver_room
        return task.using(backend=self.tasks_alias, queue_name=self.tasks_queue)
