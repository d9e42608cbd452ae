"""What happens while a room is being delivered: new messages, a pause, a cancellation, a stop."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import HoldReason, Status
from tests.delivery.delivering import deliver
from tests.scripted import Script

pytestmark = pytest.mark.django_db


def test_a_pause_ordered_meanwhile_stops_the_room(chat: Script, queued: Any) -> None:
    def pause(message: Any) -> None:
        Room.objects.update(hold_reason=HoldReason.PAUSED)

    chat.before = pause
    for number in range(5):
        queued(f"message {number}")

    deliver()

    assert chat.texts == ["message 0"]
    assert Room.objects.get().hold_reason == HoldReason.PAUSED


def test_what_is_committed_meanwhile_is_delivered_too(chat: Script, queued: Any) -> None:
    def write_another(message: Any) -> None:
        if message.text == "first":
            queued("second")

    chat.before = write_another
    queued("first")

    deliver()

    assert chat.texts == ["first", "second"]


def test_a_message_cancelled_meanwhile_is_not_sent(chat: Script, queued: Any) -> None:
    queued("first")
    for number in range(1, 4):
        queued(f"message {number}")
    victim = OutboundMessage.objects.get(message="message 2")

    def cancel(message: Any) -> None:
        if message.text == "first":
            OutboundMessage.objects.filter(pk=victim.pk).cancel(timezone.now())

    chat.before = cancel

    deliver()

    assert chat.texts == ["first", "message 1", "message 3"]
    victim.refresh_from_db()
    assert victim.status == Status.CANCELLED


def test_a_stop_finishes_the_message_in_hand_and_gives_the_room_back(
    chat: Script, queued: Any
) -> None:
    for number in range(20):
        queued(f"message {number}")

    deliver(stop=lambda: len(chat.delivered) >= 4)

    rows = OutboundMessage.objects
    assert chat.texts == ["message 0", "message 1", "message 2", "message 3"]
    assert rows.filter(status=Status.SENT).count() == 4
    assert rows.filter(status=Status.QUEUED, attempts=0).count() == 16
    assert Room.objects.get().lease_token == ""
