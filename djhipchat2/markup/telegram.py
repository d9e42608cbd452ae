"""
Telegram's html: b, i, u, s, a, code, pre, blockquote.

Source: Bot API, "HTML style": code and pre hold no other element and stand in none, quotes are not
nested, lists, tables and pictures are none of it.
"""

from __future__ import annotations

from html import escape

from .document import Code, Document, Inline, nodes_in, text_of
from .html_writing import HtmlWriter
from .tables import BULLET
from .units import utf16_units
from .writing import Writer


def render(document: Document, *, limit: int) -> str:
    """
    Return a document as Telegram's html; ``limit`` is in UTF-16 code units.

    Telegram counts them without the markup; counted here with it, no text comes out too long.
    """
    return _TelegramWriter().render(document, limit, utf16_units)


class _TelegramWriter(HtmlWriter):
    block_gap = "\n"
    bullet = BULLET

    def text(self, text: str) -> str:
        return escape(text, quote=False)

    def preformatted(self, text: str) -> str:
        return f"<pre>{self.text(text)}</pre>"

    @property
    def within_quote(self) -> Writer:
        return _QuotedWriter()

    def quote(self, inner: str) -> str:
        return f"<blockquote>{inner}</blockquote>"

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        if any(isinstance(node, Code) for node in nodes_in(children)):
            return f'<a href="{escape(url)}">{self.text(text_of(children))}</a>'
        return super().link(url, children)


class _QuotedWriter(_TelegramWriter):
    """Writes the inside of a quote, where neither another one nor pre may stand."""

    def quote(self, inner: str) -> str:
        return inner

    def preformatted(self, text: str) -> str:
        return self.text(text)
