"""The units that services count their limits in, beside characters."""

from __future__ import annotations

import json


def utf16_units(text: str) -> int:
    """Return the UTF-16 code units of a text, which Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def json_bytes(text: str) -> int:
    """Return the bytes of a text within JSON, quotes left out, as Matrix and Teams count them."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - 2
