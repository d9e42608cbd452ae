"""Whatever may happen to an outbox, in any order: a machine that walks at random."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db.models import F
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, multiple, precondition, rule

from djhipchat2 import operations
from djhipchat2.connections import connections
from djhipchat2.delivery import clock, engine, judging, lease, marks, record
from djhipchat2.delivery.attempt import Attempt, attempt
from djhipchat2.delivery.holds import Gate
from djhipchat2.delivery.purge import purge, purgeable
from djhipchat2.delivery.run import Run
from djhipchat2.exceptions import MessageStateError
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.delivery.invariants import Outbox
from tests.delivery.shapes import shape_of
from tests.scripted import ACCEPTED, LIMITED, REJECTED, UNAVAILABLE, UNKNOWN, script

USING = "default"
RESULTS = (ACCEPTED, REJECTED, UNAVAILABLE, UNKNOWN, LIMITED, RuntimeError("a backend's bug"))

rooms = st.sampled_from(["Ops", "Dev"])
results = st.lists(st.sampled_from(RESULTS), max_size=6)
#: Seconds: less than any wait, more than a lease, more than any wait.
spans = st.sampled_from([1, 100, 5000])


@contextmanager
def allowed_if(condition: bool) -> Iterator[None]:  # noqa: FBT001 - reads like a sentence
    """Run what is allowed on a condition; assert that it is refused otherwise."""
    try:
        yield
    except MessageStateError:
        assert not condition
    else:
        assert condition


@dataclass
class Crashed:
    """A worker that has marked and tried messages, and has not recorded it."""

    lease: lease.Lease
    attempts: list[Attempt]


class Machine(Outbox):
    """An outbox to which anything happens that may."""

    crashes = Bundle("crashes")

    @rule(room=rooms, times=st.integers(1, 3))
    def send(self, room: str, times: int = 1) -> None:
        for _ in range(times):
            self.write(room)

    @rule(room=rooms, wait=st.none() | spans, life=spans)
    def send_with_a_time(self, room: str, wait: int | None, life: int) -> None:
        now = timezone.now()
        deliver_at = None if wait is None else now + timedelta(seconds=wait)
        expires_at = (deliver_at or now) + timedelta(seconds=life)
        self.write(room, deliver_at=deliver_at, expires_at=expires_at)

    @precondition(lambda self: self.unfinished)
    @rule(room=rooms, outcomes=results, limit=st.none() | st.integers(1, 3))
    def deliver(self, room: str, outcomes: list[Any], limit: int | None) -> None:
        script.results = list(outcomes)
        engine.deliver_room(USING, room, Run(Trigger.TASK, limit=limit))

    @precondition(lambda self: self.unfinished)
    @rule(outcomes=results)
    def flush(self, outcomes: list[Any]) -> None:
        script.results = list(outcomes)
        engine.flush(Run(Trigger.FLUSH))

    @precondition(lambda self: self.unfinished)
    @rule(target=crashes, room=rooms, marked=st.integers(1, 3), tried=st.integers(0, 3))
    def crash(self, room: str, marked: int, tried: int) -> Any:
        token = uuid4().hex
        place = (USING, room)
        leases = lease.claim([place], token=token, owner="host:1:Thread", using=USING)
        if place not in leases:
            return multiple()
        now = clock.now(USING)
        due = OutboundMessage.objects.in_room(USING, room).due(now).order_by("pk")
        rows = marks.mark(token, list(due[:marked]), now, using=USING)
        backend = connections[USING]
        script.results = []
        made = [attempt(row, backend, now=now, timeout=1) for row in rows[:tried]]
        return Crashed(leases[place], made)

    @rule(crashed=consumes(crashes))
    def wake_up(self, crashed: Crashed) -> None:
        """Let a worker that was believed dead record and give back what it has in hand."""
        held = crashed.lease
        own = held.room().exists()
        if crashed.attempts:
            tried = judging.Tried(held, Gate(USING, USING), crashed.attempts)
            try:
                record.record([tried], trigger=Trigger.TASK)
            except lease.LeaseLost:
                assert not own
            else:
                assert own
        left = list(marks.marked_by(held.token, USING)) if own else []
        marks.unmark(held.token, left, using=USING)
        lease.release([held])

    @rule(seconds=spans)
    def time_passes(self, seconds: int) -> None:
        """Move what is stored into the past, since a database's clock cannot be set."""
        past = timedelta(seconds=seconds)
        moments = ("next_attempt_at", "expires_at", "deliver_at", "attempt_started_at")
        unfinished = OutboundMessage.objects.filter(finished_at=None)
        unfinished.update(**{name: F(name) - past for name in moments})
        Room.objects.update(
            lease_expires_at=F("lease_expires_at") - past, hold_until=F("hold_until") - past
        )

    @rule(room=rooms | st.just(WHOLE_CONNECTION))
    def pause(self, room: str) -> None:
        operations.pause(USING, room)

    @rule(room=rooms | st.just(WHOLE_CONNECTION))
    def resume(self, room: str) -> None:
        operations.resume(USING, room)

    @precondition(lambda self: self.before)
    @rule(data=st.data())
    def retry_one_now(self, data: st.DataObject) -> None:
        row = self.one(data)
        was_held = row.held
        with allowed_if(row.status == Status.QUEUED):
            operations.retry_now(row)
            self.decisions[row.pk] += was_held

    @precondition(lambda self: any(row.held for row, _ in self.before.values()))
    @rule(data=st.data())
    def mark_one_sent(self, data: st.DataObject) -> None:
        row = self.one(data)
        with allowed_if(row.held):
            operations.mark_sent(row)
            self.seen_by_somebody.add(row.pk)

    @precondition(lambda self: self.before)
    @rule(data=st.data())
    def cancel_one(self, data: st.DataObject) -> None:
        row = self.one(data)
        with allowed_if(row.status == Status.QUEUED):
            operations.cancel(row)
            assert row.status == Status.CANCELLED

    @precondition(lambda self: self.before)
    @rule(data=st.data())
    def resend_one(self, data: st.DataObject) -> None:
        row = self.one(data)
        again = OutboundMessage.objects.filter(resend_of=row).exists()
        with allowed_if(row.is_final and not again):
            copy = operations.resend(row, defer=True)
            self.number += 1
            OutboundMessage.objects.filter(pk=copy.pk).update(message=str(self.number))

    @precondition(lambda self: len(self.before) > 4)
    @rule()
    def purge_all(self) -> None:
        unfinished = set(OutboundMessage.objects.filter(finished_at=None).values_list("pk"))
        purge(purgeable(USING, timedelta(0)), batch_size=2)
        assert set(OutboundMessage.objects.values_list("pk")) == unfinished

    def teardown(self) -> None:
        """Nothing gets stuck: with time, and nothing held, every message comes to its end."""
        if not hasattr(self, "before"):
            return
        unfinished = OutboundMessage.objects.filter(finished_at=None)
        for _ in range(5):
            for room in ("Ops", "Dev", WHOLE_CONNECTION):
                operations.resume(USING, room)
            for row in unfinished.filter(held=True):
                operations.retry_now(row)
            self.time_passes(5000)
            self.flush([])
        assert [shape_of(row) for row in unfinished] == []
