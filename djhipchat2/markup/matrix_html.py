"""
``org.matrix.custom.html``: the html that Matrix clients show.

Source: Matrix client-server API, "m.room.message msgtypes", the list of tags and attributes.
Pictures must be in Matrix's own store (``mxc:``), so those of HipChat are links.
"""

from __future__ import annotations

from .colors import DOTS, HEX
from .document import Block, Document, Listing, Paragraph, Style, Table
from .html_writing import HtmlWriter, spaced
from .units import json_bytes


def render(document: Document, *, limit: int) -> str:
    """Return a document as Matrix's html; ``limit`` is in bytes of the event's JSON."""
    return MatrixWriter().render(document, limit, json_bytes)


class MatrixWriter(HtmlWriter):
    """Writes html that is safe to show: texts escaped, elements of a few kinds."""

    block_gap = ""
    line_end = "<br>"
    tags = {**HtmlWriter.tags, Style.BOLD: "strong", Style.ITALIC: "em", Style.STRIKE: "del"}

    def document(self, document: Document) -> str:
        mark = _mark_of(document.color)
        first = document.blocks[0]
        if not isinstance(first, Paragraph):
            return (f"<p>{mark.rstrip()}</p>" if mark else "") + self.blocks(document.blocks)
        if len(document.blocks) == 1:
            return mark + self.inlines(first.children)
        rest = self.blocks(document.blocks[1:])
        return f"<p>{mark}{self.inlines(first.children)}</p>{rest}"

    def text(self, text: str) -> str:
        return super().text(spaced(text))

    def mention(self, _name: str) -> str:
        return "@room"

    def paragraph(self, inner: str) -> str:
        return f"<p>{inner}</p>"

    def preformatted(self, text: str) -> str:
        return f"<pre><code>{super().text(text)}</code></pre>"

    def quote(self, inner: str) -> str:
        return f"<blockquote>{inner}</blockquote>"

    def listing(self, listing: Listing) -> str:
        items = "".join(f"<li>{self.item(item)}</li>" for item in listing.items)
        if not listing.ordered:
            return f"<ul>{items}</ul>"
        start = f' start="{listing.start}"' if listing.start != 1 else ""
        return f"<ol{start}>{items}</ol>"

    def item(self, blocks: tuple[Block, ...]) -> str:
        if blocks and isinstance(first := blocks[0], Paragraph):
            return self.inlines(first.children) + self.blocks(blocks[1:])
        return self.blocks(blocks)

    def table(self, table: Table) -> str:
        rows = list(table.rows)
        head = ""
        if table.header and rows:
            cells = "".join(f"<th>{self.inlines(cell)}</th>" for cell in rows.pop(0))
            head = f"<thead><tr>{cells}</tr></thead>"
        lines = ("".join(f"<td>{self.inlines(cell)}</td>" for cell in row) for row in rows)
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f"<table>{head}<tbody>{body}</tbody></table>"


def _mark_of(color: str) -> str:
    """
    Return the sign of a message's colour, which was that of its background in HipChat.

    It has a colour of its own where it is drawn as an emoji, the attribute's where as a letter.
    """
    if color not in DOTS:
        return ""
    return f'<span data-mx-color="#{HEX[color]}">{DOTS[color]}</span> '
