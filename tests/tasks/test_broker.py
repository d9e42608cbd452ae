"""Brokers that are down, that hang and that come back: what the caller sees of it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

import djhipchat2
from djhipchat2.backends import broker as broker_module
from djhipchat2.backends.broker import BrokerAway, broker
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status, Trigger
from djhipchat2.tasks import deliver_room
from tests.celery_app import app
from tests.hipchat_server import HipChatServer
from tests.tasks.proxy import Proxy
from tests.tasks.queues import CeleryQueue

pytestmark = pytest.mark.django_db(transaction=True)

TIMEOUT = 0.5
#: One more try, and what a busy machine needs for the rest. Without our bound there is no end.
BOUND = 2 * TIMEOUT + 20


@pytest.fixture
def proxy(broker_queue: CeleryQueue, settings: Any) -> Iterator[Proxy]:
    """A proxy before the broker, which the app publishes through."""
    settings.HIPCHAT_BROKER_TIMEOUT = TIMEOUT
    port = 6379 if broker_queue.url.startswith("redis") else 5672
    with Proxy(port) as proxy:
        settings.CELERY_BROKER_URL = broker_queue.url.replace(str(port), str(proxy.port))
        yield proxy


def seconds_of_sending(room: str = "Ops") -> float:
    started = time.monotonic()
    djhipchat2.send_message(room, "hello")
    return time.monotonic() - started


def flush() -> int:
    return engine.flush(Run(Trigger.FLUSH)).sent


def test_a_broker_that_is_down_does_not_fail_the_caller(
    chat: HipChatServer, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.__exit__()

    seconds = seconds_of_sending()

    row = OutboundMessage.objects.get()
    assert seconds < BOUND
    assert row.status == Status.QUEUED
    assert "Celery was not told of the connection default, room Ops" in caplog.text
    assert "hipchat_flush_outbox" in caplog.text
    assert flush() == 1


def test_a_broker_that_hangs_holds_the_caller_up_for_a_bounded_time(
    chat: HipChatServer, proxy: Proxy
) -> None:
    proxy.freeze()

    seconds = seconds_of_sending()

    assert proxy.accepted >= 1
    assert TIMEOUT <= seconds < BOUND
    assert OutboundMessage.objects.get().status == Status.QUEUED
    assert flush() == 1


def test_a_broker_that_falls_silent_on_an_open_connection_does_so_as_well(
    chat: HipChatServer, proxy: Proxy
) -> None:
    djhipchat2.send_message("Ops", "hello")
    assert proxy.accepted >= 1
    proxy.freeze()

    seconds = seconds_of_sending()

    assert seconds < BOUND
    assert flush() == 2


@pytest.mark.parametrize("answers", range(1, 7))
def test_nor_does_one_that_falls_silent_while_a_connection_is_opened(
    chat: HipChatServer, proxy: Proxy, answers: int
) -> None:
    proxy.freeze(after=answers)

    seconds = seconds_of_sending()

    assert seconds < BOUND
    assert flush() == 1


def test_a_connection_that_the_broker_has_closed_costs_no_task(
    chat: HipChatServer, proxy: Proxy, broker_queue: CeleryQueue
) -> None:
    djhipchat2.send_message("Ops", "hello")
    proxy.hang_up()

    djhipchat2.send_message("Dev", "hello")

    assert [task.args[1] for task in broker_queue.take()] == ["Ops", "Dev"]


def test_a_broker_that_hangs_costs_a_transaction_of_many_rooms_its_time_once(
    chat: HipChatServer, proxy: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    proxy.freeze()
    started = time.monotonic()

    with transaction.atomic():
        for number in range(10):
            djhipchat2.send_message(f"Room {number}", "hello")

    assert time.monotonic() - started < BOUND
    assert caplog.text.count("(BrokerAway)") == 9
    assert flush() == 10


def test_a_broker_that_is_back_is_told_again(
    chat: HipChatServer, proxy: Proxy, broker_queue: CeleryQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_module, "PAUSE", 0)
    proxy.freeze()
    djhipchat2.send_message("Ops", "hello")
    proxy.thaw()

    djhipchat2.send_message("Dev", "hello")

    assert broker_queue.take()[-1].args == ["default", "Dev"]


def test_a_broker_that_failed_is_left_alone_for_a_while(
    chat: HipChatServer, proxy: Proxy, broker_queue: CeleryQueue
) -> None:
    proxy.freeze()
    djhipchat2.send_message("Ops", "hello")
    tried = proxy.accepted

    djhipchat2.send_message("Dev", "hello")

    assert proxy.accepted == tried
    with pytest.raises(BrokerAway):
        broker.publish(deliver_room, ("default", "Ops"), {})


def test_a_forked_process_opens_a_connection_of_its_own(
    chat: HipChatServer, proxy: Proxy, broker_queue: CeleryQueue
) -> None:
    djhipchat2.send_message("Ops", "hello")
    before = proxy.accepted

    child = os.fork()
    if child == 0:
        broker.publish(deliver_room, ("default", "Child"), {})
        os._exit(0)
    _, status = os.waitpid(child, 0)

    assert status == 0
    assert proxy.accepted > before
    djhipchat2.send_message("Parent", "hello")
    assert sorted(task.args[1] for task in broker_queue.take()) == ["Child", "Ops", "Parent"]


@pytest.mark.celery
def test_other_kinds_of_brokers_are_published_to_with_their_own_options(
    chat: HipChatServer, settings: Any
) -> None:
    app.set_current()
    settings.CELERY_BROKER_URL = "memory://"

    row = djhipchat2.send_message("Ops", "hello")

    with app.connection_for_write() as connection:
        queue = app.amqp.queues[app.conf.task_default_queue].bind(connection.default_channel)
        message = queue.get(no_ack=True)
    assert message.payload[0] == ["default", row.room_id]


@pytest.mark.celery
def test_a_task_that_cannot_be_written_leaves_the_broker_in_use(chat: HipChatServer) -> None:
    task = deliver_room

    with pytest.raises(Exception, match="not JSON serializable"):
        broker.publish(task, ("default", object()), {})  # type: ignore[arg-type]

    assert broker._paused_until == {}


@pytest.mark.celery
def test_the_timeout_is_checked(chat: HipChatServer, settings: Any) -> None:
    settings.HIPCHAT_BROKER_TIMEOUT = 0

    with pytest.raises(ImproperlyConfigured, match="HIPCHAT_BROKER_TIMEOUT is 0"):
        broker.publish(deliver_room, ("default", "Ops"), {})
