"""Where tasks wait for a worker: a broker of Celery's, or a table of django-tasks-db's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.apps import apps
from django.utils.dateparse import parse_datetime
from kombu import Queue

from tests.celery_app import app
from tests.processes import Worker, celery_worker, database_worker

URLS = {"redis": "redis://127.0.0.1:6379/15", "rabbitmq": "amqp://guest:guest@127.0.0.1:5672//"}


@dataclass(frozen=True)
class Task:
    """A task that waits."""

    name: str
    args: list[Any]
    kwargs: dict[str, Any]
    due: datetime | None
    content_type: str
    everything: str


class TaskQueue(Protocol):
    """An empty queue that messages are announced to."""

    backend: str

    def take(self) -> list[Task]:
        """Take all tasks out, in order."""

    def empty(self) -> None:
        """Lose all tasks."""

    def run(self, connection: str, room_id: str, *, again: bool = False) -> None:
        """Run the task in this process as a worker would."""

    def worker(self, api_url: str, **extra: str) -> AbstractContextManager[Worker]:
        """Run a worker process until the block ends."""


class CeleryQueue:
    """The test project's queue in a broker."""

    backend = "djhipchat2.backends.celery.HipChatBackend"

    def __init__(self, url: str, queue: Queue) -> None:
        self.url = url
        self._queue = queue

    def empty(self) -> None:
        self._queue.purge()

    def take(self) -> list[Task]:
        taken = []
        while (message := self._queue.get(no_ack=True)) is not None:
            args, kwargs, _ = message.decode()
            headers = message.headers
            due = parse_datetime(headers["eta"]) if headers["eta"] else None
            everything = f"{headers} {message.properties} {message.body!r}"
            taken.append(Task(headers["task"], args, kwargs, due, message.content_type, everything))
        return taken

    def run(self, connection: str, room_id: str, *, again: bool = False) -> None:
        from djhipchat2.tasks import deliver_room

        deliver_room.push_request(is_eager=False)
        try:
            deliver_room.run(connection, room_id, again=again)
        finally:
            deliver_room.pop_request()

    def worker(self, api_url: str, **extra: str) -> AbstractContextManager[Worker]:
        return celery_worker(api_url, HIPCHAT_TEST_BROKER=self.url, **extra)


@contextmanager
def celery_queue(url: str) -> Iterator[CeleryQueue]:
    """Yield the queue of the current Celery app, empty; its broker is at this address."""
    app.set_current()
    with app.connection_for_write() as connection:
        queue: Queue = app.amqp.queues[app.conf.task_default_queue].bind(connection.default_channel)
        queue.declare()
        queue.purge()
        forget_unacknowledged(queue)
        yield CeleryQueue(url, queue)
        queue.purge()
        forget_unacknowledged(queue)


def forget_unacknowledged(queue: Queue) -> None:
    """
    Delete what killed workers have left of a queue in Redis.

    Kombu puts it back after an hour: into the midst of a later run's tests. RabbitMQ does so at
    once.
    """
    channel = queue.channel
    if not hasattr(channel, "unacked_key"):
        return
    redis = channel.client
    for tag, entry in redis.hgetall(channel.unacked_key).items():
        _, _, routing_key = json.loads(entry)
        if routing_key == queue.name:
            redis.hdel(channel.unacked_key, tag)
            redis.zrem(channel.unacked_index_key, tag)


class DatabaseQueue:
    """The table of django-tasks-db."""

    backend = "djhipchat2.backends.tasks.HipChatBackend"

    @property
    def rows(self) -> Any:
        """The tasks that wait."""
        return apps.get_model("django_tasks_database", "DBTaskResult").objects.order_by(
            "enqueued_at"
        )

    def empty(self) -> None:
        self.rows.delete()

    def take(self) -> list[Task]:
        taken = [
            Task(
                row.task_path,
                row.args_kwargs["args"],
                row.args_kwargs["kwargs"],
                row.run_after if row.run_after.year < 9999 else None,
                "application/json",
                f"{row.__dict__}",
            )
            for row in self.rows
        ]
        self.empty()
        return taken

    def run(self, connection: str, room_id: str, *, again: bool = False) -> None:
        from djhipchat2.background import deliver_room

        deliver_room.call(connection, room_id, again=again)

    def worker(self, api_url: str, **extra: str) -> AbstractContextManager[Worker]:
        return database_worker(api_url, **extra)
