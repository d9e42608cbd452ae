"""What a worker had in hand that vanished leaves before later messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery import engine, lease, marks
from djhipchat2.delivery.run import Run
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Trigger
from tests.delivery.leasing import claimed, expire_leases
from tests.scripted import Script

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_in_hand(queued: Any, settings: Any) -> lease.Lease:
    """The lease of a worker that has the first two of four messages in hand."""
    settings.HIPCHAT_BACKOFF_BASE = 0
    rows = [queued(text) for text in "abcd"]
    held = claimed("host:1:MainThread")
    marks.mark(held.token, rows[:2], timezone.now(), using="default")
    return held


def test_what_a_dead_worker_had_marked_leaves_before_later_messages(
    chat: Script, two_in_hand: lease.Lease
) -> None:
    expire_leases()

    engine.flush(Run(Trigger.FLUSH))

    assert chat.texts == ["a", "b", "c", "d"]


def test_so_it_does_when_the_lease_ends_while_a_worker_looks_into_the_room(
    chat: Script, two_in_hand: lease.Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_next_claim(monkeypatch, expire_leases)

    engine.flush(Run(Trigger.FLUSH))

    assert chat.texts == ["a", "b", "c", "d"]


def test_what_is_put_back_just_before_a_room_is_claimed_leaves_first(
    chat: Script, two_in_hand: lease.Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up() -> None:
        marks.unmark(two_in_hand.token, list(OutboundMessage.objects.sending()), using="default")
        lease.release([two_in_hand])

    before_the_next_claim(monkeypatch, give_up)

    engine.flush(Run(Trigger.FLUSH))

    assert chat.texts == ["a", "b", "c", "d"]


def before_the_next_claim(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Let something happen between a worker's look into a room and its claim."""
    original = lease.claim

    def claim(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(lease, "claim", original)
        act()
        return original(*args, **options)

    monkeypatch.setattr(lease, "claim", claim)
