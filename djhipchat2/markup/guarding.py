"""Keeping text from being read as markup where a service has no way to escape it."""

from __future__ import annotations

import re

from .invisible import GAP, JOINER

#: A sign that begins an emphasis: after no letter, and before something to be emphasised.
_BEGINNING = re.compile(r"(?<![^\W_])(?=[*_~`](?!\s|$))|(?<![^\W_])(?<=[*_~`])(?=[*_~`])")
#: A line that would be read as a quote or as an item of a list.
_LINE_START = re.compile(r"^(?=\s*(?:>|[*-]\s))")


def guarded(text: str) -> str:
    """Return a text that looks the same and in which no sign begins an emphasis, quote or list."""
    return _LINE_START.sub(JOINER, _BEGINNING.sub(JOINER, text))


def unfenced(text: str) -> str:
    """Return preformatted text that does not end its own fence of three backticks."""
    return text.replace("```", f"`{GAP}`{GAP}`")
