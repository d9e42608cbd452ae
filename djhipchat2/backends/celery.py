"""
Deliver through a Celery task.

The task is given a connection's alias and a room, never a text or a token; what to send, and when
to try again, it reads from the outbox.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.core.checks import CheckMessage, Error

from ..conf import settings
from .handover import HandOverBackend

TASK_NAME = "djhipchat2.tasks.deliver_room"


class HipChatBackend(HandOverBackend):
    """
    Leave delivery to a Celery worker.

    The option ``backend`` (by default HIPCHAT_CELERY_BACKEND) names the backend that delivers; it
    gets all other options.
    """

    runner = "Celery"
    setting = "HIPCHAT_CELERY_BACKEND"

    @classmethod
    def default_path(cls) -> str:
        return settings.celery_backend

    def hand_over(self, connection: str, room_id: str, *, delay: float) -> None:
        task = _task()
        from .broker import broker  # noqa: PLC0415 - is there where Celery is

        # A task that was put off goes on looking; see work.deliver_room().
        kwargs = {"again": True} if delay else {}
        broker.publish(task, (connection, room_id), kwargs, delay=delay)

    def check_runner(self) -> list[CheckMessage]:
        try:
            task = _task()
        except ImportError as error:
            missing = error.name or "celery"
            is_celery = missing.partition(".")[0] in ("celery", "kombu")
            what = "Celery, which is not installed" if is_celery else f"{missing}, which is missing"
            hint = "Type: python -m pip install 'djhipchat2[celery]'"
            return [
                Error(
                    f"The celery backend needs {what}.",
                    hint=hint if is_celery else f"Install {missing}, or correct what imports it.",
                    id="djhipchat2.E004",
                )
            ]
        accepted = task.app.conf.accept_content
        if not {"json", "application/json"} & set(accepted):
            return [
                Error(
                    f"Celery's workers refuse JSON, which the task is written in: accept_content "
                    f"is {sorted(accepted)}.",
                    hint="Add 'json' to Celery's accept_content (CELERY_ACCEPT_CONTENT).",
                    id="djhipchat2.E011",
                )
            ]
        return []


def _task() -> Any:
    """Return the task, in whatever process. Raise ImportError without Celery."""
    from celery import current_app  # noqa: PLC0415 - an optional dependency

    # Defines the task in processes that are no workers.
    import_module("djhipchat2.tasks")
    return current_app.tasks[TASK_NAME]
