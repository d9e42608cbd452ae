"""Making values fit instead of refusing them: for log records, which nobody can correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from unicodedata import category

from .message import Limits

SHORTENED = "… (shortened)"
EMPTY = "(empty message)"
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def fitting_text(text: str, limits: Limits) -> str:
    """Return a text that HipChat takes: not blank, not too long, encodable."""
    text = storable(text)
    if len(text) > limits.message_max:
        return text[: limits.message_max - len(SHORTENED)] + SHORTENED
    return text if text.strip() else EMPTY


def fitting_sender(sender: str, limits: Limits) -> str:
    """Return a sender that HipChat takes: what it forbids becomes ``-``, what is over is cut."""
    sender = storable(sender) or "-" * limits.sender_min
    allowed = limits.sender_punctuation
    if allowed is not None:
        sender = "".join(c if category(c)[0] in "LMN" or c in allowed else "-" for c in sender)
    return sender[: limits.sender_max]


def strictest(many: Sequence[Limits]) -> Limits:
    """Return limits that a message keeps only if it keeps all of these."""
    allowed = [
        limits.sender_punctuation for limits in many if limits.sender_punctuation is not None
    ]
    return replace(
        many[0],
        sender_min=max(limits.sender_min for limits in many),
        sender_max=min(limits.sender_max for limits in many),
        sender_punctuation="".join(c for c in allowed[0] if all(c in a for a in allowed))
        if allowed
        else None,
        message_max=min(limits.message_max for limits in many),
        room_max=min(limits.room_max for limits in many),
    )


def storable(text: str) -> str:
    """Return a text that databases and networks take: without NUL and halves of characters."""
    text = text.replace("\0", UNREADABLE)
    return text.encode(errors="replace").decode()
