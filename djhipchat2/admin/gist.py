"""The beginning of a message in one line, without its markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.utils.text import Truncator

from ..states import MessageFormat

EXCERPT_CHARACTERS = 80
#: Characters of a message that its beginning is made from.
READ_CHARACTERS = 2_000

#: A tag at the end that is not closed, which versions of Python read differently.
_CUT_OFF = re.compile(r"<[a-zA-Z/!?][^<>]*\Z")
#: Elements that end a word; others may stand within one.
_APART = frozenset(
    "address article aside blockquote br caption center dd details dialog div dl dt fieldset "  # noqa: SIM905 - a word a line would fill a screen
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr img legend li main nav ol option p "
    "pre section summary table tbody td tfoot th thead tr ul".split()
)
#: Elements whose content nobody reads.
_UNREAD = frozenset(["script", "style", "template", "title"])


def excerpt(text: str) -> str:
    """Return the beginning of a text in one line."""
    return Truncator(" ".join(text.split())).chars(EXCERPT_CHARACTERS)


def gist(message: str, message_format: str) -> str:
    """Return the beginning of a message in one line; its source if nothing else is left of it."""
    beginning = message[:READ_CHARACTERS]
    if message_format == MessageFormat.HTML:
        return excerpt(_words(beginning)) or excerpt(beginning)
    return excerpt(beginning)


def _words(html: str) -> str:
    reader = _Words()
    reader.feed(_CUT_OFF.sub("", html))
    reader.close()
    return "".join(reader.words)


class _Words(HTMLParser):
    """Collects what can be read."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in _APART:
            self.words.append(" ")
        self._unread += tag in _UNREAD

    def handle_endtag(self, tag: str) -> None:
        if tag in _APART:
            self.words.append(" ")
        if tag in _UNREAD and self._unread:
            self._unread -= 1

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.words.append(data)
