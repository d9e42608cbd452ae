"""What may happen to a message, in any order, leads to no state that is not meant."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import Phase
from hypothesis import settings as how
from hypothesis.stateful import run_state_machine_as_test

from djhipchat2 import operations
from djhipchat2.models import OutboundMessage
from djhipchat2.states import OnUnknown, Status
from tests.delivery.invariants import MAX_ATTEMPTS
from tests.delivery.machine import Machine
from tests.delivery.shapes import COLUMNS, SHAPES, shape_of
from tests.scripted import ACCEPTED, REJECTED, UNKNOWN

pytestmark = pytest.mark.django_db


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
