"""Large tables, and work on them."""

from __future__ import annotations

from typing import Any

from benchmarks.work import bulk
from benchmarks.work.mail_outboxes import require_count
from benchmarks.work.outbox import fill, flush, peak_memory
from benchmarks.work.timing import delivered, rooms, texts
from djhipchat2 import send_message
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import HoldReason, Status, Trigger

HELD = "Held"
OTHER = "Other"
WARM_UP = 20


def fill_final(*, rows: int) -> dict[str, Any]:
    """Write messages that were sent, each with its attempt, over 1,000 rooms and 30 days."""
    send_message(OTHER, texts(1)[0], defer=True)
    flush()
    message, attempt = OutboundMessage.objects.get(), DeliveryAttempt.objects.get()
    moments = bulk.earlier("created", "modified", "sent_at", "finished_at")
    bulk.copy(message, rows - 1, {"room_id": bulk.ROOM.format(rooms=1_000), **moments})
    bulk.copy_for_each(attempt, OutboundMessage, {"message_id": "source.id"})
    attempt.delete()
    require_count(OutboundMessage.objects.filter(status=Status.SENT).count(), rows)
    return {}


def fill_queued(*, rows: int, in_rooms: int) -> dict[str, Any]:
    """Write queued messages, and a row for each room."""
    names = rooms(in_rooms)
    message = send_message(names[0], texts(1)[0], defer=True)
    bulk.copy(message, rows - 1, {"room_id": bulk.ROOM.format(rooms=in_rooms)})
    Room.objects.bulk_create(
        [Room(connection="default", room_id=name) for name in names], batch_size=500
    )
    require_count(OutboundMessage.objects.queued().count(), rows)
    return {}


def fill_held_room(*, rows: int) -> dict[str, Any]:
    """Write queued messages for a room that is paused."""
    message = send_message(HELD, texts(1)[0], defer=True)
    if rows > 1:
        bulk.copy(message, rows - 1, {})
    Room.objects.create(connection="default", room_id=HELD, hold_reason=HoldReason.PAUSED)
    return {}


def drain_again(*, messages: int, in_rooms: int) -> dict[str, Any]:
    """Deliver a backlog in a database that has other rows."""
    fill(in_rooms, in_rooms)
    flush()
    fill(messages, in_rooms)
    return delivered(flush, messages)


def send_to_held_room(*, messages: int) -> dict[str, Any]:
    """Call ``send_message()``, under ``request``, for a room that takes nothing now."""
    return _send(HELD, messages, arriving=0)


def send_to_other_room(*, messages: int) -> dict[str, Any]:
    """Call ``send_message()``, under ``request``, for a room that is open."""
    return _send(OTHER, messages, arriving=messages)


def visit_rooms(*, visits: int, in_rooms: int) -> dict[str, Any]:
    """Claim a room, deliver one message and give the room back, so many times."""
    names = rooms(in_rooms)
    visited = OutboundMessage.objects.filter(status=Status.SENT).count()  # by former turns
    # A number that shares no divisor with that of the rooms leads to all of them.
    order = [names[n * 7919 % in_rooms] for n in range(visited, visited + WARM_UP + visits)]

    def visit(some: list[str]) -> None:
        for name in some:
            engine.deliver_room("default", name, Run(Trigger.TASK, limit=1))

    visit(order[:WARM_UP])
    return delivered(lambda: visit(order[WARM_UP:]), visits)


def flush_everything(*, messages: int) -> dict[str, Any]:
    """Deliver all that is queued, and return the most memory that the process has had."""
    return {**delivered(flush, messages), "peak_mb": peak_memory()}


def _send(room: str, messages: int, *, arriving: int) -> dict[str, Any]:
    def send(count: int) -> None:
        for text in texts(count):
            send_message(room, text)

    send(WARM_UP)
    return {**delivered(lambda: send(messages), arriving), "count": messages}
