"""The html of an e-mail: beside a bar in the message's colour, with styles in the elements."""

from __future__ import annotations

from .colors import HEX
from .document import Document, Image, Table, Text
from .matrix_html import MatrixWriter

#: Characters of an e-mail's html; a message of HipChat's is never as long.
LIMIT = 200_000


def render(document: Document) -> str:
    """Return a document as the body of an e-mail in html."""
    return _MailWriter().render(document, LIMIT)


class _MailWriter(MatrixWriter):
    def document(self, document: Document) -> str:
        bar = f"border-left:4px solid #{HEX[document.color]};padding-left:12px"
        return f'<div style="{bar}">{self.blocks(document.blocks)}</div>'

    def mention(self, name: str) -> str:
        return f"@{name}"

    def image(self, image: Image) -> str:
        return self.link(image.url, (Text(image.label),))

    def table(self, table: Table) -> str:
        cell = ' style="border:1px solid #999;padding:2px 6px"'
        html = super().table(table).replace("<td>", f"<td{cell}>").replace("<th>", f"<th{cell}>")
        return html.replace("<table>", '<table style="border-collapse:collapse">')
