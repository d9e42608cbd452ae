from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from djhipchat2.delivery import lease
from djhipchat2.models import Room
from djhipchat2.states import HoldReason

pytestmark = pytest.mark.django_db


def claim(owner: str = "worker-1", room_id: str = "Ops") -> lease.Lease | None:
    return lease.claim("default", room_id, owner=owner, using="default")


def expire_lease() -> None:
    Room.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_claiming_makes_the_room_and_names_the_worker() -> None:
    held = claim()

    room = Room.objects.get(connection="default", room_id="Ops")
    assert held is not None
    assert room.lease_owner == "worker-1"
    assert room.lease_token == held.token
    assert room.lease_expires_at > timezone.now() + timedelta(seconds=50)


def test_a_leased_room_cannot_be_claimed() -> None:
    claim()

    assert claim("worker-2") is None


def test_another_room_can_be_claimed() -> None:
    claim()

    assert claim("worker-2", "Dev") is not None


def test_a_room_that_was_given_back_can_be_claimed() -> None:
    lease.release(claim())

    held = claim("worker-2")

    assert held is not None
    assert held.former_owner == ""


def test_an_expired_lease_is_taken_over_and_says_from_whom() -> None:
    claim()
    expire_lease()

    held = claim("worker-2")

    assert held is not None
    assert held.former_owner == "worker-1"


def test_the_former_holder_can_neither_change_nor_release_the_room() -> None:
    first = claim()
    expire_lease()
    second = claim("worker-2")

    lease.release(first)

    with pytest.raises(lease.LeaseLost):
        first.update(failures=7)
    room = Room.objects.get()
    assert (room.lease_token, room.failures) == (second.token, 0)


@pytest.mark.parametrize("until", [None, timedelta(hours=1)])
def test_a_room_on_hold_cannot_be_claimed(until: timedelta | None) -> None:
    Room.objects.create(
        connection="default",
        room_id="Ops",
        hold_reason=HoldReason.PAUSED,
        hold_until=until and timezone.now() + until,
    )

    assert claim() is None


def test_a_hold_that_is_over_is_lifted_by_the_next_claim() -> None:
    Room.objects.create(
        connection="default",
        room_id="Ops",
        hold_reason=HoldReason.RATE_LIMITED,
        hold_until=timezone.now() - timedelta(seconds=1),
        hold_note="100 in 5 minutes",
    )

    held = claim()

    room = Room.objects.get()
    assert held is not None
    assert (room.hold_reason, room.hold_until, room.hold_note) == ("", None, "")


def test_a_fresh_lease_is_not_renewed() -> None:
    held = claim()
    before = Room.objects.get().lease_expires_at

    lease.ensure(held, seconds=10)

    assert Room.objects.get().lease_expires_at == before


def test_a_lease_too_short_for_the_next_attempt_is_renewed() -> None:
    held = claim()
    before = Room.objects.get().lease_expires_at

    lease.ensure(held, seconds=45)

    assert Room.objects.get().lease_expires_at > before + timedelta(seconds=40)
    assert held.deadline > 0


def test_renewing_a_lost_lease_raises() -> None:
    held = claim()
    expire_lease()
    claim("worker-2")

    with pytest.raises(lease.LeaseLost):
        lease.ensure(held, seconds=45)


@pytest.mark.django_db(transaction=True)
def test_claiming_inside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        claim()
