"""What is true of an outbox after each step, whatever happens to it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from djhipchat2.api import send_message
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import FINAL, Outcome, Status
from tests.delivery.shapes import SHAPES, shape_of
from tests.scripted import script

MAX_ATTEMPTS = 3
#: What one step may make of a status. One delivery recovers, expires and tries again.
STEPS = {
    Status.QUEUED: set(Status),
    Status.SENDING: set(Status) - {Status.CANCELLED},
    **{status: {status} for status in FINAL},
}


class Outbox(RuleBasedStateMachine):
    """An outbox that is looked at after each step."""

    @property
    def unfinished(self) -> bool:
        """Is there anything to deliver?"""
        return any(not row.is_final for row, _ in self.before.values())

    @initialize()
    def empty(self) -> None:
        for model in (DeliveryAttempt, OutboundMessage, Room):
            model.objects.all().delete()
        script.clear()
        self.before: dict[int, tuple[OutboundMessage, int]] = {}
        self.number = 0
        self.seen_by_somebody: set[int] = set()
        self.decisions: Counter[int] = Counter()
        """How often somebody let a held message be tried again, by row."""

    @invariant()
    def every_row_is_in_the_machine(self) -> None:
        if not hasattr(self, "before"):
            return
        delivered = Counter(script.texts)
        rows = {row.pk: row for row in OutboundMessage.objects.all()}
        counted = Counter(
            DeliveryAttempt.objects.filter(counted=True).values_list("message_id", flat=True)
        )
        for row in rows.values():
            assert shape_of(row) in SHAPES
            in_hand = row.status == Status.SENDING
            assert row.attempts == counted[row.pk] + in_hand
            assert row.attempts <= MAX_ATTEMPTS + self.decisions[row.pk]
        for key, (was, times) in self.before.items():
            if key not in rows:
                assert was.is_final
                continue
            now = rows[key]
            assert now.status in STEPS[Status(was.status)]
            if was.is_final:
                assert now.finished_at == was.finished_at
                assert delivered[now.message] == times
        self.before = {key: (row, delivered[row.message]) for key, row in rows.items()}

    @invariant()
    def what_was_sent_was_accepted_or_seen(self) -> None:
        if not hasattr(self, "before"):
            return
        sent = OutboundMessage.objects.filter(status=Status.SENT)
        accepted = sent.filter(delivery_attempts__outcome=Outcome.ACCEPTED)
        keys = {key for (key,) in accepted.values_list("pk")}
        assert {key for (key,) in sent.values_list("pk")} <= keys | self.seen_by_somebody

    def write(self, room: str, **options: Any) -> None:
        """Queue a message; a text stands for one row, so that its deliveries can be counted."""
        self.number += 1
        row = send_message(room, str(self.number), defer=True, **options)
        assert row.status == Status.QUEUED

    def one(self, data: st.DataObject) -> OutboundMessage:
        """Return some row of the outbox."""
        return OutboundMessage.objects.get(pk=data.draw(st.sampled_from(sorted(self.before))))
