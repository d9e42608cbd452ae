"""What holds a room, and how it goes on afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.delivery.run import Summary
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import HoldReason
from tests.delivery.delivering import deliver, make_due
from tests.scripted import LIMITED, REJECTED, UNAVAILABLE, Script

pytestmark = pytest.mark.django_db


def test_a_rate_limit_holds_the_room_and_costs_no_attempt(chat: Script, queued: Any) -> None:
    chat.results = [LIMITED]
    first, second = queued("first"), queued("second")

    summary = deliver()

    first.refresh_from_db()
    second.refresh_from_db()
    room = Room.objects.get()
    assert summary == Summary(retried=1)
    assert chat.texts == ["first"]
    assert (first.attempts, second.attempts) == (0, 0)
    assert room.hold_reason == HoldReason.RATE_LIMITED
    assert room.hold_until == first.next_attempt_at
    assert not first.delivery_attempts.get().counted
    assert deliver() == Summary()


def test_a_held_room_goes_on_where_it_stopped(chat: Script, queued: Any) -> None:
    chat.results = [LIMITED]
    queued("first")
    queued("second")
    deliver()
    make_due()

    deliver()

    assert chat.texts == ["first", "first", "second"]


def test_failures_in_a_row_hold_the_room(chat: Script, queued: Any) -> None:
    chat.results = [UNAVAILABLE] * 10
    for number in range(10):
        queued(f"message {number}")

    deliver()

    room = Room.objects.get()
    assert len(chat.texts) == 5
    assert (room.failures, room.hold_reason) == (5, HoldReason.UNREACHABLE)
    assert OutboundMessage.objects.filter(attempts=0).count() == 5


def test_a_held_room_is_probed_with_one_message(chat: Script, queued: Any) -> None:
    chat.results = [UNAVAILABLE] * 6
    for number in range(10):
        queued(f"message {number}")
    deliver()
    make_due()

    deliver()

    assert len(chat.texts) == 6
    assert Room.objects.get().failures == 6


def test_an_answer_ends_the_failures(chat: Script, queued: Any) -> None:
    chat.results = [UNAVAILABLE, REJECTED]
    queued("one")
    queued("two")

    deliver()

    assert Room.objects.get().failures == 0


def test_a_pause_outlasts_the_servers_wish(chat: Script, queued: Any) -> None:
    chat.before = lambda message: Room.objects.update(hold_reason=HoldReason.PAUSED)
    chat.results = [LIMITED]
    queued()

    deliver()

    room = Room.objects.get()
    assert (room.hold_reason, room.hold_until) == (HoldReason.PAUSED, None)
