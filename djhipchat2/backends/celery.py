"""
Deliver through a Celery task.

The task is given a connection's alias and a room, never a text or a token; what to send, and when
to try again, it reads from the outbox.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from ..conf import settings
from ..message import Limits, Message
from .base import HipChatBackendBase, Result
from .loading import load_backend, load_class, takes_option

logger = logging.getLogger(__name__)

TASK_NAME = "djhipchat2.tasks.deliver_room"
#: One more try at once and then an error. Kombu's own default, also for ``retry=False``, waits
#: seconds for a broker that refuses connections, and the caller with it.
ONE_TRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
MISSING = (
    "You need to specify HIPCHAT_CELERY_BACKEND: the backend that the task delivers with, "
    "for example 'djhipchat2.backends.request.HipChatBackend'."
)


class HipChatBackend(HipChatBackendBase):
    """
    Leave delivery to a worker.

    The option ``backend`` (by default HIPCHAT_CELERY_BACKEND) names the backend that delivers; it
    gets all other options.
    """

    by_task = True

    def __init__(self, *, alias: str | None = None, backend: str = "", **options: Any) -> None:
        self.option_names = ("backend", *options)  # type: ignore[misc]  # the inner one checks them
        given = {"backend": backend} if backend else {}
        super().__init__(alias=alias, **given, **options)
        path = backend or settings.celery_backend
        if not path:
            raise ImproperlyConfigured(MISSING)
        backend_class = load_class(path)
        if issubclass(backend_class, HipChatBackendBase) and backend_class.by_task:
            message = (
                f"HIPCHAT_CELERY_BACKEND is the celery backend itself, or one that hands over to a "
                f"task, too: {path}. {MISSING}"
            )
            raise ImproperlyConfigured(message)
        self._inner = load_backend(path, alias, options)
        self.secret_options = self._inner.secret_options  # type: ignore[misc]
        self.knows_repeats = self._inner.knows_repeats  # type: ignore[misc]

    @classmethod
    def takes(cls, option: str, others: Mapping[str, Any]) -> bool:
        path = others.get("backend") or settings.celery_backend
        if option == "backend":
            return True
        # A path that leads back here would be asked without end.
        names_itself = bool(path) and load_class(path) is cls
        return bool(path) and not names_itself and takes_option(path, option, others)

    @property
    def limits(self) -> Limits:
        return self._inner.limits

    @property
    def time_limit(self) -> float:
        return self._inner.time_limit

    def require_settings(self) -> None:
        self._inner.require_settings()

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        return self._inner.deliver(message, timeout=timeout)

    def announce(self, connection: str, room_id: str, *, delay: float = 0) -> None:
        # A broker that is down must not fail the caller, whose row is committed: a flush or the
        # next message of the room delivers it.
        try:
            task = _task()
            task.apply_async(
                (connection, room_id), countdown=delay or None, retry=True, retry_policy=ONE_TRY
            )
        except Exception as error:  # noqa: BLE001 - each broker library raises its own
            logger.warning(
                "Celery was not told of the connection %s, room %s (%s). The messages are queued; "
                "manage.py hipchat_flush_outbox delivers them.",
                connection,
                room_id,
                type(error).__name__,
            )

    def check(self) -> list[CheckMessage]:
        try:
            _task()
        except ImportError:
            return [
                Error(
                    "The celery backend needs Celery, which is not installed.",
                    hint="Type: python -m pip install 'djhipchat2[celery]'",
                    id="djhipchat2.E004",
                )
            ]
        return self._inner.check()

    def close(self) -> None:
        self._inner.close()


def _task() -> Any:
    """Return the task, in whatever process. Raise ImportError without Celery."""
    from celery import current_app  # noqa: PLC0415 - an optional dependency

    # Defines the task in processes that are no workers.
    import_module("djhipchat2.tasks")
    return current_app.tasks[TASK_NAME]
