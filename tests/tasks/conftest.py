"""What runs tasks: Celery with each of its brokers, and Django's Tasks framework."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from djhipchat2.backends.broker import broker
from tests.celery_app import app
from tests.hipchat_server import HipChatServer
from tests.tasks.queues import URLS, CeleryQueue, DatabaseQueue, TaskQueue, celery_queue

REQUEST = "djhipchat2.backends.request.HipChatBackend"
BROKERS = [
    pytest.param("redis", marks=pytest.mark.redis),
    pytest.param("rabbitmq", marks=pytest.mark.rabbitmq),
]


@pytest.fixture(params=[*BROKERS, pytest.param("django", marks=pytest.mark.tasks)])
def queue(
    request: pytest.FixtureRequest, chat: HipChatServer, settings: Any
) -> Iterator[TaskQueue]:
    """The empty queue of each runner, which messages are announced to."""
    if request.param == "django":
        settings.HIPCHAT_BACKEND = DatabaseQueue.backend
        yield DatabaseQueue()
    else:
        settings.CELERY_BROKER_URL = URLS[request.param]
        with celery_queue(URLS[request.param]) as queue:
            yield queue


@pytest.fixture(params=BROKERS)
def broker_queue(request: pytest.FixtureRequest, settings: Any) -> Iterator[CeleryQueue]:
    """The empty queue of each of Celery's brokers."""
    settings.CELERY_BROKER_URL = URLS[request.param]
    with celery_queue(URLS[request.param]) as queue:
        yield queue


@pytest.fixture
def chat(hipchat_server: HipChatServer, settings: Any) -> HipChatServer:
    """A server that messages are sent to by a task: Celery's, where ``queue`` says nothing else."""
    settings.HIPCHAT_BACKEND = CeleryQueue.backend
    settings.HIPCHAT_CELERY_BACKEND = settings.HIPCHAT_TASKS_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    return hipchat_server


@pytest.fixture
def eager(settings: Any) -> None:
    """Celery without a worker: a task runs where it is announced."""
    app.set_current()
    settings.CELERY_TASK_ALWAYS_EAGER = True


@pytest.fixture(autouse=True)
def _no_pause() -> None:
    """No broker that is left alone because it failed another test."""
    broker._paused_until.clear()
