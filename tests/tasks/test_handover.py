"""What all runners of tasks have in common, with real brokers, queues and worker processes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import djhipchat2
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import HoldReason, Status, Trigger
from djhipchat2.work import LONGEST_HINT
from tests.hipchat_server import HipChatServer
from tests.tasks.queues import TaskQueue
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def all_sent() -> bool:
    return not OutboundMessage.objects.exclude(status=Status.SENT).exists()


def texts(chat: HipChatServer) -> list[str]:
    return [message["message"] for message in chat.messages()]


def test_a_worker_process_retries_from_the_database_and_keeps_the_order_of_a_room(
    chat: HipChatServer, queue: TaskQueue
) -> None:
    chat.fault("unavailable", times=2)

    # One worker for both: to start and to stop it is what takes the time.
    with queue.worker(chat.url, HIPCHAT_TEST_BACKOFF_BASE="0.2"):
        row = djhipchat2.send_message("Ops", "hello", color="green")
        wait_until(all_sent)
        for number in range(30):
            djhipchat2.send_message("Ops", str(number))
        wait_until(all_sent)

    row.refresh_from_db()
    assert row.attempts == 3
    attempts = row.delivery_attempts.all()
    assert [attempt.outcome for attempt in attempts] == ["unavailable", "unavailable", "accepted"]
    assert {attempt.trigger for attempt in attempts} == {Trigger.TASK}
    assert texts(chat) == ["hello", *(str(n) for n in range(30))]


def test_the_broker_sees_neither_text_nor_token(chat: HipChatServer, queue: TaskQueue) -> None:
    djhipchat2.send_message("Ops", "a secret text")

    (task,) = queue.take()
    assert (task.args, task.kwargs) == (["default", "Ops"], {})
    assert "a secret text" not in task.everything
    assert "TOK" not in task.everything


def test_a_hundred_messages_of_a_transaction_are_one_task(
    chat: HipChatServer, queue: TaskQueue
) -> None:
    with transaction.atomic():
        for number in range(100):
            djhipchat2.send_message("Ops", str(number))

    assert [task.args for task in queue.take()] == [["default", "Ops"]]


def test_a_rolled_back_transaction_is_no_task(chat: HipChatServer, queue: TaskQueue) -> None:
    with transaction.atomic():
        djhipchat2.send_message("Ops", "hello")
        transaction.set_rollback(True)

    assert queue.take() == []


def test_the_task_asks_to_be_called_again_when_a_retry_is_due(
    chat: HipChatServer, queue: TaskQueue, settings: Any
) -> None:
    settings.HIPCHAT_BACKOFF_BASE = 30
    chat.fault("unavailable", times=1)
    row = djhipchat2.send_message("Ops", "hello", defer=True)

    queue.run("default", "Ops")

    row.refresh_from_db()
    (task,) = queue.take()
    assert (task.args, task.kwargs) == (["default", "Ops"], {"again": True})
    assert due_within(task.due, 30)
    assert row.status == Status.QUEUED


def test_a_wait_longer_than_the_broker_may_keep_a_task_is_asked_for_in_pieces(
    chat: HipChatServer, queue: TaskQueue
) -> None:
    djhipchat2.send_message("Ops", "later", deliver_at=timezone.now() + timedelta(days=365))

    queue.run("default", "Ops", again=True)

    (task,) = queue.take()
    assert due_within(task.due, LONGEST_HINT)


def due_within(moment: datetime | None, seconds: float) -> bool:
    assert moment is not None
    return -5 < (moment - timezone.now()).total_seconds() <= seconds


def test_messages_sent_while_an_older_one_waits_leave_no_further_tasks(
    chat: HipChatServer, queue: TaskQueue
) -> None:
    djhipchat2.send_message("Ops", "later", deliver_at=timezone.now() + timedelta(hours=1))
    djhipchat2.send_message("Ops", "now")
    queue.empty()

    queue.run("default", "Ops")

    assert texts(chat) == ["now"]
    assert queue.take() == []


def test_a_lost_task_is_replaced_by_a_flush(chat: HipChatServer, queue: TaskQueue) -> None:
    djhipchat2.send_message("Ops", "hello")
    queue.empty()

    summary = engine.flush(Run(Trigger.FLUSH))

    assert summary.sent == 1
    assert texts(chat) == ["hello"]


def test_a_task_that_comes_twice_finds_nothing_to_do_for_three_queries(
    chat: HipChatServer, queue: TaskQueue
) -> None:
    djhipchat2.send_message("Ops", "hello")
    queue.run("default", "Ops")
    queue.empty()

    with CaptureQueriesContext(connection) as captured:
        queue.run("default", "Ops")

    of_tables = [query["sql"] for query in captured if "djhipchat2_" in query["sql"]]
    assert len(of_tables) <= 3
    assert texts(chat) == ["hello"]
    assert queue.take() == []


def test_a_task_that_comes_early_waits_again(chat: HipChatServer, queue: TaskQueue) -> None:
    djhipchat2.send_message("Ops", "later", deliver_at=timezone.now() + timedelta(minutes=2))

    queue.run("default", "Ops", again=True)

    (task,) = queue.take()
    assert (task.args, task.kwargs) == (["default", "Ops"], {"again": True})
    assert chat.counts()["requests"] == 0


@pytest.mark.parametrize(("again", "tasks"), [(False, 0), (True, 1)])
def test_a_room_that_somebody_else_has_is_not_asked_for_again_and_again(
    chat: HipChatServer, queue: TaskQueue, again: object, tasks: int
) -> None:
    djhipchat2.send_message("Ops", "hello", defer=True)
    later = timezone.now() + timedelta(minutes=1)
    Room.objects.create(
        connection="default", room_id="Ops", lease_token="else", lease_expires_at=later
    )

    queue.run("default", "Ops", again=bool(again))

    assert [task.kwargs for task in queue.take()] == [{"again": True}] * tasks
    assert chat.counts()["requests"] == 0


def test_the_task_of_a_paused_room_leaves_it_alone(chat: HipChatServer, queue: TaskQueue) -> None:
    djhipchat2.send_message("Ops", "hello", defer=True)
    Room.objects.create(connection="default", room_id="Ops", hold_reason=HoldReason.PAUSED)

    queue.run("default", "Ops", again=True)

    assert chat.counts()["requests"] == 0
    assert queue.take() == []
