"""What a test delivers: one room, or the whole outbox; and the end of its messages' waits."""

from __future__ import annotations

from typing import Any

from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Trigger


def deliver(room_id: str = "Ops", **options: Any) -> Summary:
    return engine.deliver_room("default", room_id, Run(Trigger.FLUSH, **options))


def flush() -> Summary:
    return engine.flush(Run(Trigger.FLUSH))


def make_due() -> None:
    OutboundMessage.objects.queued().update(next_attempt_at=None)
    Room.objects.update(hold_reason="", hold_until=None)
