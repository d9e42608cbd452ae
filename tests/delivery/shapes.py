"""What a message's row may look like: which of its columns are filled, by its status."""

from __future__ import annotations

from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status

#: Columns of a shape, beside the status.
COLUMNS = ("finished_at", "sent_at", "next_attempt_at", "attempt_started_at", "lease_token", "held")
ENDED = {"finished_at"}
IN_HAND = {"attempt_started_at", "lease_token"}
WAITING = {"next_attempt_at"}

Shape = tuple[str, frozenset[str]]
SHAPES: set[Shape] = {
    (Status.QUEUED, frozenset()),
    (Status.QUEUED, frozenset(WAITING)),
    (Status.QUEUED, frozenset({"held"})),
    (Status.SENDING, frozenset(IN_HAND)),
    (Status.SENDING, frozenset(IN_HAND | WAITING)),
    (Status.SENT, frozenset(ENDED | {"sent_at"})),
    (Status.FAILED, frozenset(ENDED)),
    (Status.EXPIRED, frozenset(ENDED)),
    (Status.CANCELLED, frozenset(ENDED)),
}


def shape_of(row: OutboundMessage) -> Shape:
    """Return a row's status and which of its columns are filled."""
    return row.status, frozenset(name for name in COLUMNS if getattr(row, name))
