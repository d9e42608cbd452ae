"""Workers that are asked to stop while the chat has not answered yet."""

from __future__ import annotations

import signal

import pytest

from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.faults.brokers import Broker
from tests.faults.conftest import Recruit
from tests.faults.crew import Crew, Member
from tests.faults.outbox import Outbox
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

signals = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])


def stop_in_hand(outbox: Outbox, worker: Member, number: signal.Signals) -> int:
    """Ask for a stop while a message is under way; return the exit code."""
    wait_until(lambda: outbox.arrived == 1, seconds=60)
    worker.send(number)
    outbox.server.clear_faults()  # the answer comes
    outbox.tally.stops += 1
    return worker.wait()


def assert_rest_arrives_once(outbox: Outbox, crew: Crew) -> None:
    """Let a single flush send what is left; assert that nothing arrived twice."""
    assert crew.flusher("--json").wait() == 0
    result = outbox.audit()
    assert (result.delivered, result.repeated) == (result.accepted, 0)
    assert result.faultless, result


@signals
@pytest.mark.parametrize("arguments", [("--watch", "0.1"), ("--json",)], ids=["watch", "once"])
def test_a_flush_process_that_is_stopped_finishes_the_message_in_hand_and_gives_the_room_back(
    outbox: Outbox, crew: Crew, arguments: tuple[str, ...], number: signal.Signals
) -> None:
    outbox.server.fault("hang", seconds=60)
    outbox.queue(5)
    worker = crew.flusher(*arguments)

    code = stop_in_hand(outbox, worker, number)

    assert code == 0, worker.said
    statuses = list(OutboundMessage.objects.order_by("pk").values_list("status", flat=True))
    assert statuses == [Status.SENT, *4 * [Status.QUEUED]]
    assert outbox.arrived == 1
    assert outbox.all_given_back
    assert_rest_arrives_once(outbox, crew)


@pytest.mark.parametrize(
    ("number", "expected"),
    [(signal.SIGTERM, 0), (signal.SIGINT, 1)],  # both are Celery's own words for a warm shutdown
    ids=["term", "int"],
)
def test_a_celery_worker_that_is_stopped_finishes_the_message_in_hand_and_gives_the_room_back(
    outbox: Outbox, recruit: Recruit, broker: Broker, number: signal.Signals, expected: int
) -> None:
    crew = recruit(outbox.server.url, **broker.settings)
    worker = crew.celery_worker()
    outbox.server.fault("hang", seconds=60)
    outbox.queue(5, defer=False)

    code = stop_in_hand(outbox, worker, number)

    assert code == expected, worker.said
    assert OutboundMessage.objects.order_by("pk").first().status == Status.SENT
    assert outbox.all_given_back
    assert_rest_arrives_once(outbox, crew)
