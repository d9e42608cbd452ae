"""``@all`` and its likes: what rings for a whole room, and what must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import Mention, Text
from .invisible import GAP

_HIPCHATS = re.compile(r"(?<![\w@./])@(all|here)\b(?![-.@]?\w)", re.IGNORECASE)


def with_mentions(text: str) -> Iterator[Text | Mention]:
    """Return a text's pieces, with HipChat's ``@all`` and ``@here`` told apart."""
    done = 0
    for found in _HIPCHATS.finditer(text):
        if found.start() > done:
            yield Text(text[done : found.start()])
        yield Mention(found[1].lower())
        done = found.end()
    if done < len(text):
        yield Text(text[done:])


def silenced(text: str, words: tuple[str, ...]) -> str:
    """Return a text that looks the same and in which ``@`` and one of these words ring nobody."""
    for word in words:
        text = re.sub(rf"@(?={word}\b)", f"@{GAP}", text, flags=re.IGNORECASE)
    return text
