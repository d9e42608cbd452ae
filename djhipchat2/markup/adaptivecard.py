"""
The Markdown of a ``TextBlock`` in an Adaptive Card, as Teams shows it.

Source: learn.microsoft.com, "Format cards in Teams": emphasis, lists and links; no headings,
tables, pictures, preformatted text or quotes. A line ends with two line breaks, in a list with one.
"""

from __future__ import annotations

from .document import Block, Document, Image, Style, Table, Text
from .html_writing import NO_BREAK_SPACE
from .markdown import MarkdownWriter
from .units import json_bytes
from .writing import Writer


def render(document: Document, *, limit: int) -> str:
    """Return a document as a TextBlock's Markdown; ``limit`` is in bytes of the card's JSON."""
    return _CardWriter().render(document, limit, json_bytes)


class _CardWriter(MarkdownWriter):
    line_end = "\n\n"
    delimiters = {Style.BOLD: "**", Style.ITALIC: "_"}

    def code(self, text: str) -> str:
        return self.text(text)

    def image(self, image: Image) -> str:
        return self.link(image.url, (Text(image.label),))

    def preformatted(self, text: str) -> str:
        lines = (self.text(line.replace(" ", NO_BREAK_SPACE)) for line in text.split("\n"))
        return self.paragraph(self.line_end.join(lines))

    def table(self, table: Table) -> str:
        return Writer.table(self, table)

    def quote(self, inner: str) -> str:
        return self.line_end.join(f"\\> {line}" for line in inner.split(self.line_end))

    def item(self, blocks: tuple[Block, ...]) -> str:
        return super().item(blocks).replace("\n\n", "\n")
