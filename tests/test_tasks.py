from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from django.utils import timezone

import djhipchat2
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import HoldReason, Status, Trigger
from djhipchat2.tasks import deliver_room
from tests.celery_app import app
from tests.hipchat_server import HipChatServer
from tests.processes import celery_worker
from tests.waiting import wait_until

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]

REQUEST = "djhipchat2.backends.request.HipChatBackend"


@pytest.fixture
def celery_backend(hipchat_server: HipChatServer, settings: Any) -> Iterator[HipChatServer]:
    app.set_current()
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.celery.HipChatBackend"
    settings.HIPCHAT_CELERY_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    with app.connection_for_write() as connection:
        connection.default_channel.queue_declare(app.conf.task_default_queue, auto_delete=False)
        connection.default_channel.queue_purge(app.conf.task_default_queue)
        yield hipchat_server
        connection.default_channel.queue_purge(app.conf.task_default_queue)


@pytest.fixture
def eager(celery_backend: HipChatServer) -> Iterator[HipChatServer]:
    app.conf.task_always_eager = True
    yield celery_backend
    app.conf.task_always_eager = False


def waiting_tasks() -> list[Any]:
    """Return what lies in the broker."""
    with app.connection_for_write() as connection:
        client = connection.default_channel.client
        return [
            json.loads(b64decode(json.loads(raw)["body"]))
            for raw in client.lrange(app.conf.task_default_queue, 0, -1)
        ]


def test_a_worker_process_delivers(celery_backend: HipChatServer) -> None:
    with celery_worker(celery_backend.url):
        row = djhipchat2.send_message("Ops", "hello", color="green")
        wait_until(lambda: OutboundMessage.objects.get(pk=row.pk).is_final)

    row.refresh_from_db()
    assert row.status == Status.SENT
    assert row.delivery_attempts.get().trigger == Trigger.TASK
    assert [m["message"] for m in celery_backend.messages()] == ["hello"]


def test_a_worker_process_retries_from_the_database(celery_backend: HipChatServer) -> None:
    celery_backend.fault("unavailable", times=2)

    with celery_worker(celery_backend.url, HIPCHAT_TEST_BACKOFF_BASE="0.2"):
        row = djhipchat2.send_message("Ops", "hello")
        wait_until(lambda: OutboundMessage.objects.get(pk=row.pk).is_final)

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.SENT, 3)
    outcomes = [attempt.outcome for attempt in row.delivery_attempts.all()]
    assert outcomes == ["unavailable", "unavailable", "accepted"]
    assert len(celery_backend.messages()) == 1


def test_a_worker_process_keeps_the_order_of_a_room(celery_backend: HipChatServer) -> None:
    with celery_worker(celery_backend.url):
        for number in range(30):
            djhipchat2.send_message("Ops", str(number))
        wait_until(lambda: not OutboundMessage.objects.exclude(status=Status.SENT).exists())

    assert [m["message"] for m in celery_backend.messages()] == [str(n) for n in range(30)]


def test_the_broker_sees_neither_text_nor_token(celery_backend: HipChatServer) -> None:
    djhipchat2.send_message("Ops", "a secret text")

    (task,) = waiting_tasks()
    assert task[0] == ["default", "Ops"]
    assert task[1] == {}
    assert "a secret text" not in json.dumps(task)
    assert "TOK" not in json.dumps(task)


def test_many_messages_of_a_room_are_one_task(celery_backend: HipChatServer) -> None:
    djhipchat2.send_messages([{"message": str(n)} for n in range(10)], room_id="Ops")

    assert len(waiting_tasks()) == 1


def test_a_broker_that_is_down_does_not_fail_the_caller(
    celery_backend: HipChatServer, caplog: pytest.LogCaptureFixture
) -> None:
    Celery("down", broker="redis://127.0.0.1:1/0").set_current()

    row = djhipchat2.send_message("Ops", "hello")

    app.set_current()
    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert "Celery was not told" in caplog.text
    assert "hipchat_flush_outbox" in caplog.text


def test_eager_mode_delivers_in_the_callers_process(eager: HipChatServer) -> None:
    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert row.status == Status.SENT


def test_eager_mode_does_not_call_itself_without_end(eager: HipChatServer) -> None:
    eager.fault("unavailable", times=1)

    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 1)


def test_the_task_asks_to_be_called_again_when_a_retry_is_due(
    celery_backend: HipChatServer,
) -> None:
    celery_backend.fault("unavailable", times=1)
    row = djhipchat2.send_message("Ops", "hello", defer=True)

    run_task("default", "Ops")

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert [task[0] for task in waiting_tasks()] == [["default", "Ops"]]


def test_the_task_of_a_paused_room_leaves_it_alone(celery_backend: HipChatServer) -> None:
    djhipchat2.send_message("Ops", "hello", defer=True)
    Room.objects.create(
        connection="default", room_id="Ops", hold_reason=HoldReason.PAUSED, created=timezone.now()
    )

    run_task("default", "Ops")

    assert celery_backend.counts()["requests"] == 0
    assert waiting_tasks() == []


def run_task(connection: str, room_id: str) -> None:
    """Run the task in this process as a worker would: not eagerly."""
    deliver_room.push_request(is_eager=False)
    try:
        deliver_room.run(connection, room_id)
    finally:
        deliver_room.pop_request()
