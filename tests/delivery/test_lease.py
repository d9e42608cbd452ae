from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from djhipchat2.delivery import lease
from djhipchat2.models import Room
from djhipchat2.states import HoldReason
from tests.delivery.leasing import claim, claimed, expire_leases, take_over

pytestmark = pytest.mark.django_db


def test_claiming_makes_the_room_and_names_the_worker() -> None:
    held = claimed("worker-1")

    room = Room.objects.get(connection="default", room_id="Ops")
    assert room.lease_owner == "worker-1"
    assert timezone.now() - room.leased_at < timedelta(seconds=5)
    assert room.lease_token == held.token
    assert room.lease_expires_at > timezone.now() + timedelta(seconds=50)


def test_a_leased_room_cannot_be_claimed() -> None:
    claim()

    assert claim("worker-2") is None


def test_another_room_can_be_claimed() -> None:
    claim()

    assert claim("worker-2", "Dev") is not None


def test_a_room_that_was_given_back_can_be_claimed() -> None:
    lease.release([claimed()])

    held = claimed("worker-2")

    assert held.former_owner == ""
    assert Room.objects.get().leased_at > timezone.now() - timedelta(seconds=5)


def test_a_room_that_was_given_back_is_nobodys() -> None:
    lease.release([claimed()])

    room = Room.objects.get()
    assert (room.lease_token, room.lease_owner) == ("", "")
    assert (room.leased_at, room.lease_expires_at) == (None, None)


def test_an_expired_lease_is_taken_over_and_says_from_whom() -> None:
    claim("worker-1")
    expire_leases()

    held = claimed("worker-2")

    assert held.former_owner == "worker-1"


def test_the_former_holder_can_neither_change_nor_release_the_room() -> None:
    first = claimed()
    second = take_over()

    lease.release([first])

    assert first.room().update(failures=7) == 0
    room = Room.objects.get()
    assert (room.lease_token, room.failures) == (second.token, 0)


def test_rooms_are_claimed_together_except_those_that_somebody_has() -> None:
    claimed("other", "Dev")
    Room.objects.create(connection="default", room_id="Old")
    places = [("default", name) for name in ("Ops", "Dev", "Old")]

    leases = lease.claim(places, token="t", owner="worker", using="default")

    assert [room_id for _, room_id in leases] == ["Ops", "Old"]


def test_claiming_again_after_a_lost_confirmation_finds_what_was_claimed() -> None:
    places = [("default", "Ops")]
    lease.claim(places, token="t", owner="worker", using="default")

    (held,) = lease.claim(places, token="t", owner="worker", using="default").values()

    assert (held.room_id, held.former_owner) == ("Ops", "")


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

    claimed()

    room = Room.objects.get()
    assert (room.hold_reason, room.hold_until, room.hold_note) == ("", None, "")


def test_a_fresh_lease_is_not_renewed() -> None:
    held = claimed()
    before = Room.objects.get().lease_expires_at

    assert lease.ensure([held], seconds=10) == []

    assert Room.objects.get().lease_expires_at == before


def test_a_lease_too_short_for_the_next_attempt_is_renewed() -> None:
    held = claimed()
    before = Room.objects.get().lease_expires_at
    deadline = held.deadline

    assert lease.ensure([held], seconds=45) == []

    assert Room.objects.get().lease_expires_at > before + timedelta(seconds=40)
    assert held.deadline > deadline


def test_renewing_tells_which_leases_are_lost() -> None:
    places = [("default", "Dev"), ("default", "Ops")]
    leases = lease.claim(places, token="t", owner="worker", using="default")
    Room.objects.filter(room_id="Dev").update(lease_token="taken over")

    lost = lease.ensure(list(leases.values()), seconds=45)

    assert [held.room_id for held in lost] == ["Dev"]


@pytest.mark.django_db(transaction=True)
def test_claiming_inside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match=r"Call this after the block"), transaction.atomic():
        claim()


@pytest.mark.django_db(transaction=True)
def test_claiming_is_refused_where_nothing_would_be_committed() -> None:
    transaction.set_autocommit(False)

    try:
        with pytest.raises(RuntimeError, match="leave AUTOCOMMIT in DATABASES"):
            claim()
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
