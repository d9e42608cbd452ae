"""Writing messages to the outbox, with this package's calls and with none."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.db import transaction

from benchmarks.work.mail_outboxes import require_count
from benchmarks.work.timing import texts, timed
from djhipchat2 import send_message, send_messages
from djhipchat2.models import OutboundMessage

ROOM = "Ops"
WARM_UP = 50
#: Rows that Django inserts with one statement; ``send_messages()`` uses the same number.
BATCH = 500


def send_deferred(*, messages: int, in_one_transaction: bool) -> dict[str, Any]:
    """Call ``send_message()`` for each text."""
    return _each(lambda text: send_message(ROOM, text, defer=True), messages, in_one_transaction)


def create(*, messages: int, in_one_transaction: bool) -> dict[str, Any]:
    """Insert the same rows with nothing around it."""
    return _each(
        lambda text: OutboundMessage.objects.create(**_row(text)), messages, in_one_transaction
    )


def send_many(*, messages: int) -> dict[str, Any]:
    """Call ``send_messages()`` once."""

    def send(count: int) -> None:
        send_messages([{"room_id": ROOM, "message": text} for text in texts(count)], defer=True)

    send(WARM_UP)
    measured = timed(lambda: send(messages), messages)
    require_count(OutboundMessage.objects.count(), messages + WARM_UP)
    return measured


def create_many(*, messages: int) -> dict[str, Any]:
    """Insert the same rows with ``bulk_create()``."""

    def insert(count: int) -> None:
        rows = [OutboundMessage(**_row(text)) for text in texts(count)]
        OutboundMessage.objects.bulk_create(rows, batch_size=BATCH)

    insert(WARM_UP)
    return timed(lambda: insert(messages), messages)


def _row(text: str) -> dict[str, Any]:
    return {
        "connection": "default",
        "backend": "djhipchat2.backends.request.HipChatBackend",
        "room_id": ROOM,
        "sender": "Django",
        "message": text,
    }


def _each(write: Any, messages: int, in_one_transaction: bool) -> dict[str, Any]:  # noqa: FBT001
    for text in texts(WARM_UP):
        write(text)

    def write_all() -> None:
        with transaction.atomic() if in_one_transaction else nullcontext():
            for text in texts(messages):
                write(text)

    measured = timed(write_all, messages)
    require_count(OutboundMessage.objects.count(), messages + WARM_UP)
    return measured
