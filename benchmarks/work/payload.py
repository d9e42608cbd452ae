"""What everybody sends: the form of HipChat v1's ``rooms/message``."""

from __future__ import annotations

from django.conf import settings

PATH = "/v1/rooms/message"


def form(room: str, text: str) -> dict[str, str | int]:
    """Return the fields of a message."""
    return {
        "room_id": room,
        "from": "Django",
        "message": text,
        "message_format": "html",
        "notify": 0,
        "color": "yellow",
        "format": "json",
        "auth_token": settings.HIPCHAT_API_TOKEN,
    }
