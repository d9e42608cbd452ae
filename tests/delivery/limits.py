"""A connection's limit as its chat has told it, and what workers have taken of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from djhipchat2.delivery import allowance, marks
from djhipchat2.delivery.holds import Gate, look
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from tests.delivery.leasing import claimed

MINUTE = timedelta(minutes=1)


def limit(
    total: int = 100, left: int | None = 10, taken: int = 0, until: datetime | None = None
) -> Gate:
    """Let the chat have told of its limit, and return what a worker knows then."""
    Room.objects.update_or_create(
        connection="default",
        room_id=WHOLE_CONNECTION,
        defaults={
            "limit_total": total,
            "limit_left": left,
            "limit_taken": taken,
            "limit_resets_at": until,
        },
    )
    gate = Gate("default", "default")
    look(gate, timezone.now())
    return gate


def row() -> Room:
    """Return the connection's row."""
    return Room.objects.get(room_id=WHOLE_CONNECTION)


def take(gate: Gate, messages: int) -> int:
    """Take so many of what is left now, or as many as there are; return how many."""
    return allowance.take(gate, messages, timezone.now())


def mark(*rows: OutboundMessage) -> None:
    """Let another worker have rows in hand."""
    marks.mark(claimed().token, rows, timezone.now(), using="default")
