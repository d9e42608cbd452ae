"""Holds of a whole connection, and their end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.states import HoldReason, Scope
from tests.scripted import LIMITED, UNAVAILABLE

LIMITED_TOKEN = replace(LIMITED, scope=Scope.CONNECTION)
OFFLINE = replace(UNAVAILABLE, scope=Scope.CONNECTION)


def connection_row() -> Room:
    return Room.objects.get(room_id=WHOLE_CONNECTION)


def hold_connection(reason: HoldReason) -> None:
    until = None if reason == HoldReason.PAUSED else timezone.now() + timedelta(seconds=60)
    Room.objects.update_or_create(
        connection="default",
        room_id=WHOLE_CONNECTION,
        defaults={"hold_reason": reason, "hold_until": until, "failures": 5},
    )


def end_holds() -> None:
    """Let every hold be over, and every wait of a message."""
    Room.objects.exclude(hold_until=None).update(hold_until=timezone.now() - timedelta(seconds=1))
    OutboundMessage.objects.queued().update(next_attempt_at=None)
