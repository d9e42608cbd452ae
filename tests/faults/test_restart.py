"""Databases and chats that go away under running workers, and come back."""

from __future__ import annotations

import pytest

from djhipchat2.delivery import clock
from djhipchat2.delivery.engine import database
from djhipchat2.models import DeliveryAttempt, Room
from djhipchat2.states import Trigger
from tests.faults.brokers import Broker
from tests.faults.chats import Chat
from tests.faults.conftest import Recruit
from tests.faults.crew import Member
from tests.faults.databases import Database, answers
from tests.faults.outbox import Outbox
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = ("Ops", "Dev", "4242")
#: Slow enough to be in the middle of it when something breaks, one message at a time.
ANSWER_SECONDS = 0.06


@pytest.mark.servers
def test_a_watching_worker_outlives_an_outage_of_the_database(
    own: Database, outbox: Outbox, recruit: Recruit
) -> None:
    outbox.server.fault("hang", times=None, seconds=ANSWER_SECONDS)
    outbox.queue(60, ROOMS)
    worker = recruit(outbox.server.url, DATABASES={"default": own.database}).flusher()
    outbox.wait_for_arrivals(5)

    outbox.survive(own)

    assert_all_arrive(outbox, worker)


@pytest.mark.servers
def test_a_watching_worker_may_start_before_the_database(
    own: Database, outbox: Outbox, recruit: Recruit
) -> None:
    outbox.queue(6, ROOMS)
    with own.away():
        worker = recruit(outbox.server.url, DATABASES={"default": own.database}).flusher()

        wait_until(lambda: "The database is away" in worker.said or not worker.alive)

    wait_until(answers)
    assert_all_arrive(outbox, worker)


@pytest.mark.servers
def test_a_celery_worker_outlives_an_outage_of_the_database(
    own: Database, outbox: Outbox, recruit: Recruit, broker: Broker
) -> None:
    outbox.server.fault("hang", times=None, seconds=ANSWER_SECONDS)
    crew = recruit(outbox.server.url, DATABASES={"default": own.database}, **broker.settings)
    worker = crew.celery_worker()
    outbox.queue(60, ROOMS, defer=False)
    outbox.wait_for_arrivals(5)

    outbox.survive(own)
    # The tasks that met the outage have failed. What was in hand waits for its lease; a task that
    # finds the room free again takes all of it along.
    wait_until(no_room_is_leased, seconds=60)

    assert_all_arrive(outbox, worker, defer=False)
    assert not DeliveryAttempt.objects.exclude(trigger=Trigger.TASK).exists()


def no_room_is_leased() -> bool:
    """Has every lease been given back, or expired?"""
    now = clock.now(database())
    return Room.objects.free(now).count() == Room.objects.count()


def assert_all_arrive(outbox: Outbox, worker: Member, *, defer: bool = True) -> None:
    """Assert that the worker goes on, and repeats at most the message in hand in each room."""
    outbox.queue(len(ROOMS), ROOMS, defer=defer)
    outbox.wait_until_drained()
    assert worker.end() == 0
    result = outbox.audit()
    assert result.faultless, result
    assert result.delivered == result.accepted
    assert result.repeated <= len(ROOMS)


def test_a_watching_worker_outlives_an_outage_of_the_chat(
    chat: Chat, outbox: Outbox, recruit: Recruit
) -> None:
    outbox.use(chat.server)
    outbox.server.fault("hang", times=None, seconds=ANSWER_SECONDS)
    outbox.queue(60, ROOMS)
    # Waits grow: without them the attempts would be used up before the chat is back.
    worker = recruit(chat.server.url, HIPCHAT_BACKOFF_BASE=0.2, HIPCHAT_BACKOFF_CAP=1).flusher()
    outbox.wait_for_arrivals(5)

    outbox.survive(chat)
    outbox.use(chat.server)

    outbox.queue(len(ROOMS), ROOMS)
    outbox.wait_until_drained()
    assert worker.end() == 0
    result = outbox.audit(every_first=False)
    assert result.faultless, result
    assert result.delivered == result.accepted
