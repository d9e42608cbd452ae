"""Cutting secrets out of text that people will read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape

REPLACEMENT = "***"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """
    Return the text without the secrets.

    Each character may be spelled plainly or as URLs, JSON and HTML encode it.
    """
    # The longest first: one secret may be the beginning of another.
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = _pattern(secret).sub(REPLACEMENT, text)
    return text


@lru_cache(maxsize=256)
def _pattern(secret: str) -> re.Pattern[str]:
    return re.compile("".join(_spellings(character) for character in secret))


def _spellings(character: str) -> str:
    """Return a regular expression of the ways to write a character."""
    code = ord(character)
    encoded = "".join(f"%{byte:02x}" for byte in character.encode(errors="replace"))
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    escaped = "".join(rf"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))
    ways = [f"(?i:{encoded}|{escaped}|&#0*{code};|&#x0*{code:x};)"]
    if character == " ":
        ways.append(r"\+")
    elif character in '/"\\':
        ways.append(re.escape(f"\\{character}"))
    if escape(character) != character:
        ways.append(escape(character))
    ways.append(re.escape(character))  # the last: it may be the beginning of another
    return f"(?:{'|'.join(ways)})"
