"""Brokers that are down, forget, or go away: the outbox does not need them to remember."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.api import send_message
from djhipchat2.models import DeliveryAttempt
from djhipchat2.states import Status, Trigger
from tests.faults.brokers import Broker
from tests.faults.conftest import Recruit
from tests.faults.crew import Crew
from tests.faults.ledger import text_of
from tests.faults.outbox import Outbox
from tests.faults.servers import HOST, Redis, free_port

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = ("Ops", "Dev", "4242")


@pytest.mark.parametrize("scheme", ["redis", "amqp"])
def test_while_the_broker_is_down_messages_wait_for_a_flush(
    outbox: Outbox, crew: Crew, settings: Any, scheme: str
) -> None:
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.celery.HipChatBackend"
    with Broker(f"{scheme}://{HOST}:{free_port()}//").used():
        row = send_message("Ops", text_of("test", 0))
    row.refresh_from_db()
    status_after_the_commit = row.status

    code = crew.flusher("--json").wait()

    row.refresh_from_db()
    assert (status_after_the_commit, code, row.status) == (Status.QUEUED, 0, Status.SENT)
    assert outbox.audit().faultless


@pytest.mark.servers
def test_tasks_that_redis_forgets_are_made_up_for_by_a_flush(
    outbox: Outbox, recruit: Recruit, redis_server: Redis, redis_broker: Broker
) -> None:
    crew = recruit(outbox.server.url, **redis_broker.settings)
    outbox.queue(6, ROOMS, defer=False)
    tasks = redis_broker.waiting
    redis_server.forget()
    outbox.tally.restarts += 1
    worker = crew.celery_worker()

    code = crew.flusher("--json").wait()

    assert (tasks, code) == (len(ROOMS), 0)
    assert outbox.drained
    assert worker.end() == 0
    assert outbox.audit().faultless


@pytest.mark.servers
def test_a_celery_worker_outlives_an_outage_of_redis(
    outbox: Outbox, recruit: Recruit, redis_server: Redis, redis_broker: Broker
) -> None:
    worker = recruit(outbox.server.url, **redis_broker.settings).celery_worker()

    outbox.survive(redis_server)
    outbox.queue(6, ROOMS, defer=False)
    outbox.wait_until_drained()

    assert worker.end() == 0
    assert not DeliveryAttempt.objects.exclude(trigger=Trigger.TASK).exists()
    assert outbox.audit().faultless
