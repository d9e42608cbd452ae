"""A worker that stands still for longer than its lease, and then goes on."""

from __future__ import annotations

import signal
from typing import Any

import pytest

from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from tests.faults.crew import Crew
from tests.faults.outbox import Outbox
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def recorded() -> list[list[dict[str, Any]]]:
    """Return all that is known about messages, attempts and rooms."""
    models = (OutboundMessage, DeliveryAttempt, Room)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_a_frozen_worker_is_replaced_and_its_late_outcome_is_refused(
    outbox: Outbox, crew: Crew
) -> None:
    outbox.server.fault("hang", seconds=60)
    outbox.queue(5)
    frozen = crew.flusher()
    wait_until(lambda: outbox.arrived == 1, seconds=60)

    frozen.send(signal.SIGSTOP)
    outbox.tally.freezes += 1
    heir = crew.flusher()
    outbox.wait_until_drained()
    assert heir.end() == 0
    before = recorded()
    outbox.server.clear_faults()  # the answer comes, and finds nobody awake
    frozen.send(signal.SIGCONT)
    code = frozen.end()

    assert code == 0, frozen.said
    assert recorded() == before
    outcomes = [[a.outcome for a in m.delivery_attempts.all()] for m in messages()]
    assert outcomes == [["unknown", "accepted"], *4 * [["accepted"]]]
    assert Room.objects.get(room_id="Ops").sent == 5
    assert outbox.repeats == {messages()[0].message: 1}
    assert outbox.audit().faultless


def messages() -> list[OutboundMessage]:
    return list(OutboundMessage.objects.order_by("pk"))
