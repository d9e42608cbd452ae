"""Several workers on one outbox, and nobody is killed."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Recruit
from tests.faults.outbox import Outbox

pytestmark = pytest.mark.django_db(transaction=True)

ROOMS = ("Ops", "Dev", "4242", "Night", "Day")


@pytest.mark.parametrize("workers", [2, 4, 8])
def test_a_crowd_of_workers_sends_each_message_once_and_keeps_each_rooms_order(
    outbox: Outbox, recruit: Recruit, workers: int
) -> None:
    # Leases as they are by default: nobody loses one because the machine is slow.
    crew = recruit(outbox.server.url, HIPCHAT_LEASE_SECONDS=60, HIPCHAT_TIMEOUT=10)
    outbox.queue(100, ROOMS)

    crowd = [crew.flusher() for _ in range(workers)]
    outbox.wait_for_arrivals(1)
    for _ in range(10):  # rooms fall empty and fill again while the workers are at them
        outbox.queue(10, ROOMS)
    outbox.wait_until_drained()
    codes = [worker.end() for worker in crowd]

    result = outbox.audit()
    assert codes == [0] * workers
    assert (result.accepted, result.delivered, result.repeated) == (200, 200, 0)
    assert result.faultless
    assert outbox.all_given_back
