"""Messages that wait, and the command that delivers them."""

from __future__ import annotations

import io
from typing import Any

from django.core.management import call_command

from djhipchat2.api import send_message
from djhipchat2.models import OutboundMessage


def queue(text: str, room_id: str = "Ops", **options: Any) -> OutboundMessage:
    """Write a message that waits for a flush."""
    return send_message(room_id, text, defer=True, **options)


def run(*arguments: str) -> str:
    """Flush, and return what is printed."""
    out = io.StringIO()
    call_command("hipchat_flush_outbox", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()
