"""Celery's brokers, each with a queue of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from celery import Celery

from tests.celery_app import app as usual_app

RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"


class Broker:
    """A broker's queue, as the test's process and the workers use it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.queue = f"hipchat-{uuid4().hex}"
        self._app = Celery("faults", broker=url, set_as_current=False)
        self._app.conf.update(task_default_queue=self.queue, broker_connection_timeout=2)

    @property
    def settings(self) -> dict[str, Any]:
        """Django settings of the processes that use it."""
        return {"CELERY_BROKER_URL": self.url, "CELERY_TASK_DEFAULT_QUEUE": self.queue}

    @property
    def waiting(self) -> int:
        """How many tasks lie in the queue."""
        with self._app.connection_for_read() as connection:
            declared = connection.default_channel.queue_declare(self.queue, passive=True)
            return int(declared.message_count)

    @contextmanager
    def used(self) -> Iterator[None]:
        """Make it the broker of this process, for the block."""
        self._app.set_current()
        try:
            yield
        finally:
            usual_app.set_current()

    def delete(self) -> None:
        """Delete the queue with what lies in it."""
        with self._app.connection_for_write() as connection:
            connection.default_channel.queue_delete(self.queue)
        self._app.close()
