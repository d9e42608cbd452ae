"""What is Celery's own: JSON, soft time limits, eager mode, acknowledgements."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

import djhipchat2
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Status
from djhipchat2.tasks import deliver_room
from tests.celery_app import app
from tests.hipchat_server import HipChatServer
from tests.processes import celery_worker
from tests.tasks.queues import CeleryQueue
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "djhipchat2.tasks.deliver_room"


def test_a_soft_time_limit_finishes_the_message_in_hand_and_leaves_the_rest_to_a_later_task(
    chat: HipChatServer, broker_queue: CeleryQueue
) -> None:
    djhipchat2.send_messages([{"message": str(n)} for n in range(3)], room_id="Ops", defer=True)
    chat.fault("hang", times=1, seconds=2)

    with celery_worker(
        chat.url, "--soft-time-limit=1", HIPCHAT_TEST_BROKER=broker_queue.url
    ) as worker:
        djhipchat2.send_message("Ops", "3")
        wait_until(lambda: not OutboundMessage.objects.exclude(status=Status.SENT).exists())

    log = "".join(worker.lines)
    assert "Soft time limit (1" in log
    assert "raised unexpected" not in log
    assert log.count(f"Task {NAME}[") >= 3  # two were received, one of them is over
    assert [m["message"] for m in chat.messages()] == ["0", "1", "2", "3"]
    outcomes = OutboundMessage.objects.values_list("delivery_attempts__outcome", flat=True)
    assert list(outcomes) == ["accepted"] * 4
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_burst_is_one_task_which_delivers_all_of_it_in_order(
    chat: HipChatServer, broker_queue: CeleryQueue
) -> None:
    for number in range(5):
        djhipchat2.send_message("Ops", str(number))

    (task,) = broker_queue.take()
    broker_queue.run(*task.args)

    assert [m["message"] for m in chat.messages()] == ["0", "1", "2", "3", "4"]
    assert not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def test_the_task_is_json_also_where_the_project_pickles(
    chat: HipChatServer, broker_queue: CeleryQueue
) -> None:
    assert (app.conf.task_serializer, app.conf.accept_content) == ("pickle", ["json"])

    djhipchat2.send_message("Ops", "hello")

    (task,) = broker_queue.take()
    assert task.content_type == "application/json"


@pytest.mark.celery
def test_eager_mode_delivers_in_the_callers_process(chat: HipChatServer, eager: None) -> None:
    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert row.status == Status.SENT


@pytest.mark.celery
def test_eager_mode_does_not_call_itself_without_end(chat: HipChatServer, eager: None) -> None:
    chat.fault("unavailable", times=1)

    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 1)


@pytest.mark.celery
def test_a_task_in_a_thread_has_no_soft_time_limit_to_heed(
    chat: HipChatServer, eager: None
) -> None:
    djhipchat2.send_message("Ops", "hello", defer=True)

    thread = threading.Thread(target=_run_and_close)
    thread.start()
    thread.join()

    assert [m["message"] for m in chat.messages()] == ["hello"]


def _run_and_close() -> None:
    try:
        deliver_room.apply(("default", "Ops"))
    finally:
        connection.close()


@pytest.mark.celery
def test_a_killed_workers_task_is_kept_and_a_killed_childs_is_not(settings: Any) -> None:
    settings.CELERY_TASK_REJECT_ON_WORKER_LOST = True

    assert (deliver_room.acks_late, deliver_room.reject_on_worker_lost) == (True, False)
