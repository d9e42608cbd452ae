"""What becomes of a message whose connection has failed for good: another one gets it."""

from __future__ import annotations

from collections.abc import Iterable

from ..conf import settings
from ..connections import connections
from ..fitting import fitting_sender, fitting_text
from ..models import OutboundMessage


def write(failed: Iterable[OutboundMessage], *, using: str) -> None:
    """
    Write a row for the fallback of each of these rows, which have failed for good, if it has one.

    Its text and its sender are made to fit, since nobody is there to correct them.
    """
    for row in failed:
        if row.fallback:
            _fallback_of(row).save(using=using, force_insert=True)


def _fallback_of(row: OutboundMessage) -> OutboundMessage:
    copy = OutboundMessage(
        connection=row.fallback,
        room_id=row.fallback_room_id or row.room_id,
        message=row.message,
        sender=row.sender,
        message_format=row.message_format,
        notify=row.notify,
        color=row.color,
        card=row.card,
        expires_at=row.expires_at,
        route_group=row.route_group,
        fallback_of=row,
    )
    if connections.can_use(row.fallback):
        backend = connections[row.fallback]
        copy.backend = backend.path
        copy.message = fitting_text(row.message, backend.limits)
        copy.sender = fitting_sender(row.sender or settings.default_sender, backend.limits)
    return copy
