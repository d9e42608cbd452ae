"""
The Markdown of a ``TextBlock`` in an Adaptive Card, as Teams shows it.

Source: learn.microsoft.com, "Format cards in Teams": emphasis, lists and links; no headings,
tables, pictures, preformatted text or quotes. A line ends with two line breaks, in a list with one.
"""

from __future__ import annotations

from .delimited import may_be_letter
from .document import Block, Document, Style, Table
from .html_writing import NO_BREAK_SPACE
from .markdown import MarkdownWriter
from .units import json_bytes


def render(document: Document, *, limit: int) -> str:
    """Return a document as a TextBlock's Markdown; ``limit`` is in bytes of the card's JSON."""
    return _CardWriter().render(document, limit, json_bytes)


class _CardWriter(MarkdownWriter):
    line_end = "\n\n"
    delimiters = {Style.BOLD: "**", Style.ITALIC: "_"}

    def around(self, sign: str, core: str, before: str, after: str) -> str:
        # "_" is the sign of the documentation, but none within a word or next to another one.
        if sign == "_" and (may_be_letter(before[-1:]) or may_be_letter(after[:1])):
            sign = "*"
        return super().around(sign, core, before, after)

    def code(self, text: str) -> str:
        return self.silent(text)

    def preformatted(self, text: str) -> str:
        lines = (self.text(line.replace(" ", NO_BREAK_SPACE)) for line in text.split("\n"))
        return self.paragraph(self.line_end.join(lines))

    def table(self, table: Table) -> str:
        rows = [[self.cell(cell) for cell in row] for row in table.rows]
        if table.header:
            rows[0] = [f"**{name}**" if name else "" for name in rows[0]]
        return self.paragraph(self.line_end.join(" \\| ".join(row) for row in rows))

    def quote(self, inner: str) -> str:
        return self.line_end.join(f"\\> {line}" for line in inner.split(self.line_end))

    def item(self, blocks: tuple[Block, ...]) -> str:
        return MarkdownWriter.item(_ItemWriter(), blocks)


class _ItemWriter(_CardWriter):
    """Writes the inside of a list's item."""

    line_end = "\n"
