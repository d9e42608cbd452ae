"""``@all`` and its likes: what rings for a whole room, and what must not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .document import Mention, Text
from .invisible import GAP

_HIPCHATS = re.compile(r"(?<![\w@./])@(all|here)\b(?![-.@]?\w)", re.IGNORECASE)
#: For services in which no text rings.
NO_MENTION = re.compile(r"(?!)")


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


def silenced(text: str, mention: re.Pattern[str]) -> str:
    """Return a text that looks the same, with no such mention in it."""
    return mention.sub(lambda found: f"{found[0][0]}{GAP}{found[0][1:]}", text)
