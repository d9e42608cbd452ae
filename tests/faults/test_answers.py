"""What becomes of a message whose answer is bad, late or lost."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.faults.conftest import Recruit
from tests.faults.outbox import Outbox

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("fault", "options", "outcome", "arrivals"),
    [
        ("drop_after", {}, "unknown", 2),
        ("hang", {"seconds": 60}, "unknown", 2),
        ("drop_before", {}, "unknown", 1),
        ("unavailable", {}, "unavailable", 1),
        ("rate_limited", {"retry_after": 1}, "unavailable", 1),
    ],
)
def test_after_a_fault_the_message_is_tried_again_and_repeated_only_if_the_chat_had_it(
    outbox: Outbox,
    recruit: Recruit,
    fault: str,
    options: dict[str, Any],
    outcome: str,
    arrivals: int,
) -> None:
    outbox.server.fault(fault, **options)
    outbox.queue(1)

    worker = recruit(outbox.server.url, HIPCHAT_TIMEOUT=1).flusher()
    outbox.wait_until_drained()
    assert worker.end() == 0

    row = OutboundMessage.objects.get()
    assert row.status == Status.SENT
    assert [a.outcome for a in row.delivery_attempts.all()] == [outcome, "accepted"]
    assert outbox.arrived == arrivals
    assert outbox.audit().faultless
