"""
Google Chat's text format.

Source: developers.google.com/workspace/chat/format-messages. It has links in angle brackets as
Slack's, escapes nothing, and makes a list of lines that begin with ``*``.
"""

from __future__ import annotations

import re

from .document import Document
from .invisible import JOINER
from .mentions import NO_MENTION
from .mrkdwn import MrkdwnWriter
from .writing import Writer

_BRACKET = re.compile(r"<(?=\w)")


def render(document: Document, *, limit: int) -> str:
    """Return a document as Google Chat's text; ``limit`` is in characters."""
    return _ChatWriter().render(document, limit)


class _ChatWriter(MrkdwnWriter):
    bullet = "* "
    ringing = NO_MENTION

    @property
    def within_quote(self) -> Writer:
        return self

    def escaped(self, text: str) -> str:
        return _BRACKET.sub(f"<{JOINER}", text)

    def mention(self, _name: str) -> str:
        return "<users/all>"
