"""
Zulip's Markdown: tables, but neither backslashes nor ``_`` for emphasis.

Source: ``zerver/lib/markdown/__init__.py`` of zulip/zulip: the pattern for backslashes is off, that
for html's entities is on and comes before those for emphasis.
"""

from __future__ import annotations

import re

from .document import Document
from .markdown import MarkdownWriter

_SIGNS = re.compile(r"[\\`*~\[\]<>&|$]|:(?=[\w+-]+:)|[@#!](?=[_*\[]|$)")
_LINE_START = re.compile(r"#|[-+*](?=\s)|[-+*_]{3}|\d{1,9}(?=[.)]\s)|/(?=me|poll|todo)|&gt;")


def render(document: Document, *, limit: int) -> str:
    """Return a document as Zulip's Markdown; ``limit`` is in characters."""
    return _ZulipWriter().render(document, limit)


class _ZulipWriter(MarkdownWriter):
    def escaped(self, text: str) -> str:
        return _SIGNS.sub(lambda found: f"&#{ord(found[0])};", text)

    def address(self, url: str) -> str:
        return url

    def mention(self, _name: str) -> str:
        return "@**all**"

    def line_start(self, text: str) -> str:
        found = _LINE_START.match(text)
        if found is None or text.startswith("**"):
            return text
        end = found.end() if found[0].isdecimal() else 0
        return f"{text[:end]}&#{ord(text[end])};{text[end + 1 :]}"
