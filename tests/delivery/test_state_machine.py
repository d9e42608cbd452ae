"""
What may happen to a message, in any order, leads to no state that is not meant.

A shape is what a row's status goes with: which of its columns are filled. The machine below walks
at random; the database's own constraints are asked for every shape that can be written down.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import Phase
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from djhipchat2 import operations
from djhipchat2.api import send_message
from djhipchat2.connections import connections
from djhipchat2.delivery import clock, engine, lease, marks, record
from djhipchat2.delivery.attempt import Attempt, attempt
from djhipchat2.delivery.holds import Gate
from djhipchat2.delivery.purge import purge, purgeable
from djhipchat2.delivery.run import Run
from djhipchat2.exceptions import MessageStateError
from djhipchat2.models import WHOLE_CONNECTION, DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import FINAL, OnUnknown, Outcome, Status, Trigger
from tests.scripted import ACCEPTED, LIMITED, REJECTED, UNAVAILABLE, UNKNOWN, script

pytestmark = pytest.mark.django_db

USING = "default"
MAX_ATTEMPTS = 3
#: Columns of a shape, beside the status.
COLUMNS = ("finished_at", "sent_at", "next_attempt_at", "attempt_started_at", "lease_token", "held")
ENDED = {"finished_at"}
IN_HAND = {"attempt_started_at", "lease_token"}
WAITING = {"next_attempt_at"}

Shape = tuple[str, frozenset[str]]
SHAPES: set[Shape] = {
    (Status.QUEUED, frozenset()),
    (Status.QUEUED, frozenset(WAITING)),
    (Status.QUEUED, frozenset({"held"})),
    (Status.SENDING, frozenset(IN_HAND)),
    (Status.SENDING, frozenset(IN_HAND | WAITING)),
    (Status.SENT, frozenset(ENDED | {"sent_at"})),
    (Status.FAILED, frozenset(ENDED)),
    (Status.EXPIRED, frozenset(ENDED)),
    (Status.CANCELLED, frozenset(ENDED)),
}
#: What one step may make of a status. One delivery recovers, expires and tries again.
STEPS = {
    Status.QUEUED: set(Status),
    Status.SENDING: set(Status) - {Status.CANCELLED},
    **{status: {status} for status in FINAL},
}
RESULTS = (ACCEPTED, REJECTED, UNAVAILABLE, UNKNOWN, LIMITED, RuntimeError("a backend's bug"))

rooms = st.sampled_from(["Ops", "Dev"])
results = st.lists(st.sampled_from(RESULTS), max_size=6)
#: Seconds: less than any wait, more than a lease, more than any wait.
spans = st.sampled_from([1, 100, 5000])


def shape_of(row: OutboundMessage) -> Shape:
    """Return a row's status and which of its columns are filled."""
    return row.status, frozenset(name for name in COLUMNS if getattr(row, name))


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


class Machine(RuleBasedStateMachine):
    """An outbox to which anything happens that may."""

    crashes = Bundle("crashes")

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
            tried = record.Tried(held, Gate(USING, USING), crashed.attempts)
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

    def write(self, room: str, **options: Any) -> None:
        """Queue a message; a text stands for one row, so that its deliveries can be counted."""
        self.number += 1
        row = send_message(room, str(self.number), defer=True, **options)
        assert row.status == Status.QUEUED

    def one(self, data: st.DataObject) -> OutboundMessage:
        """Return some row of the outbox."""
        return OutboundMessage.objects.get(pk=data.draw(st.sampled_from(sorted(self.before))))


@pytest.fixture(autouse=True)
def _few_attempts_and_no_threads(settings: Any) -> None:
    settings.HIPCHAT_MAX_ATTEMPTS = MAX_ATTEMPTS
    settings.HIPCHAT_THREADS = 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize("on_unknown", OnUnknown)
def test_no_sequence_of_operations_leaves_the_machine(settings: Any, on_unknown: str) -> None:
    settings.HIPCHAT_ON_UNKNOWN = str(on_unknown)
    # Without making a failing walk shorter, which takes minutes in a database.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    few = how(max_examples=15, stateful_step_count=15, deadline=None, phases=phases)
    run_state_machine_as_test(Machine, settings=few)


@pytest.mark.parametrize("status", Status)
def test_the_database_takes_the_shapes_of_the_machine_and_no_other(
    queued: Any, status: Status
) -> None:
    row = queued()
    values = {name: timezone.now() for name in COLUMNS} | {"lease_token": "a token", "held": True}
    empty = dict.fromkeys(COLUMNS) | {"lease_token": "", "held": False}
    taken = set()

    for chosen in product([False, True], repeat=len(COLUMNS)):
        names = {name for name, filled in zip(COLUMNS, chosen, strict=True) if filled}
        columns = {name: (values if name in names else empty)[name] for name in COLUMNS}
        try:
            with transaction.atomic():
                OutboundMessage.objects.filter(pk=row.pk).update(status=status, **columns)
        except DatabaseError:
            continue
        taken.add((status, frozenset(names)))

    assert taken == {shape for shape in SHAPES if shape[0] == status}


def test_a_walk_through_the_machine_comes_to_every_shape(queued: Any, settings: Any) -> None:
    machine = Machine()
    machine.empty()
    reached = set()

    def look() -> None:
        reached.update(shape_of(row) for row in OutboundMessage.objects.all())

    machine.send("Ops")
    machine.send_with_a_time("Ops", 1, 100)
    look()
    machine.time_passes(1)
    machine.crash("Ops", 2, 0)
    look()
    machine.send_with_a_time("Ops", None, 100)
    machine.time_passes(5000)
    machine.send("Ops", times=2)
    operations.cancel(queued())
    machine.deliver("Ops", [ACCEPTED, REJECTED], None)
    look()
    settings.HIPCHAT_ON_UNKNOWN = "hold"
    machine.send("Ops")
    machine.deliver("Ops", [UNKNOWN], None)
    look()

    assert reached == SHAPES
