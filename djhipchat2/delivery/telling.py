"""Telling the project's receivers of signals what became of a message."""

from __future__ import annotations

from ..models import OutboundMessage
from ..signals import message_failed, message_sent
from ..states import Status


def tell(row: OutboundMessage) -> None:
    """Send the signal about a final message; a receiver that raises is logged by Django."""
    if row.status == Status.SENT:
        message_sent.send_robust(OutboundMessage, message=row)
    elif row.status == Status.FAILED:
        message_failed.send_robust(OutboundMessage, message=row)
