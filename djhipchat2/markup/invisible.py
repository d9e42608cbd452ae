"""
Characters that nobody sees: some must go, others keep signs apart.

A service that cannot escape its markup shows a sign as it is if one of these stands beside it.
"""

from __future__ import annotations

from unicodedata import category

#: Neither a letter nor punctuation; some services take it for a space.
GAP = "\N{ZERO WIDTH SPACE}"
#: Neither a space nor punctuation, so that no emphasis begins behind it.
JOINER = "\N{WORD JOINER}"

#: Control characters but the tab and the line break: no chat shows them, and some refuse them.
_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


def without_controls(text: str) -> str:
    """Return a text without control characters, but for tabs and line breaks."""
    return text.translate(_CONTROLS)


def is_seen(text: str) -> bool:
    """Return whether a text shows anything at all."""
    return any(category(character)[0] not in "CZ" for character in text)
