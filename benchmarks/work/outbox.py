"""djhipchat2 at work."""

from __future__ import annotations

import io
import resource
from typing import Any

from django.core.management import call_command

from benchmarks.work.timing import delivered, rooms, settle, texts
from djhipchat2 import send_messages
from djhipchat2.models import DeliveryAttempt, OutboundMessage
from djhipchat2.states import Status


def fill(messages: int, in_rooms: int) -> None:
    """Queue messages, to each room in turn."""
    names = rooms(in_rooms)
    calls = (
        {"room_id": names[n % in_rooms], "message": text} for n, text in enumerate(texts(messages))
    )
    send_messages(calls, defer=True)


def flush(*options: str) -> None:
    """Deliver what is due, as cron does."""
    call_command("hipchat_flush_outbox", *options, stdout=io.StringIO(), stderr=io.StringIO())


def drain(*, messages: int, in_rooms: int) -> dict[str, Any]:
    """Deliver a backlog."""
    fill(in_rooms, in_rooms)
    flush()
    fill(messages, in_rooms)
    settle()
    measured = delivered(flush, messages)
    require_all_sent(messages + in_rooms)
    return measured | {"peak_mb": peak_memory()}


def require_all_sent(count: int) -> None:
    """Raise RuntimeError unless so many messages are sent, each with its recorded attempt."""
    sent = OutboundMessage.objects.filter(status=Status.SENT).count()
    attempts = DeliveryAttempt.objects.count()
    if (sent, attempts) != (count, count):
        message = f"{sent} sent with {attempts} attempts, not {count}."
        raise RuntimeError(message)


def peak_memory() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
