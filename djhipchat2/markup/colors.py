"""HipChat's six colours as other services know colours."""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

from ..message import Message
from ..states import Color

#: A strong shade of each, for a bar beside a message or for its text (``RRGGBB``).
HEX: Mapping[str, str] = {
    Color.YELLOW.value: "f2c744",
    Color.RED.value: "d04437",
    Color.GREEN.value: "14892c",
    Color.PURPLE.value: "654982",
    Color.GRAY.value: "999999",
}

#: Where a service has no colours. Yellow is what nobody chose, and shows as nothing.
DOTS: Mapping[str, str] = {
    Color.RED.value: "🔴",
    Color.GREEN.value: "🟢",
    Color.PURPLE.value: "🟣",
    Color.GRAY.value: "⚪",
}


def color_of(message: Message) -> str:
    """Return the message's colour; for ``random`` one that is the same at every attempt."""
    if message.color != Color.RANDOM.value:
        return message.color
    drawn = crc32((message.key or message.text).encode())
    return list(HEX)[drawn % len(HEX)]
