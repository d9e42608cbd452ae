"""
Discord's Markdown: no tables and no pictures, but underlined text.

Source: Discord's help pages "Markdown Text 101" and, for mentions, its API's "Message Formatting".
"""

from __future__ import annotations

from .document import Document, Image, Style, Table, Text
from .guarding import unfenced
from .markdown import MarkdownWriter
from .writing import Writer


def render(document: Document, *, limit: int) -> str:
    """Return a document as Discord's Markdown; ``limit`` is in characters."""
    return _DiscordWriter().render(document, limit)


class _DiscordWriter(MarkdownWriter):
    block_gap = "\n"
    ringing = ("everyone", "here")
    delimiters = {**MarkdownWriter.delimiters, Style.UNDERLINE: "__"}

    def image(self, image: Image) -> str:
        return self.link(image.url, (Text(image.label),))

    def table(self, table: Table) -> str:
        return Writer.table(self, table)

    def mention(self, name: str) -> str:
        return "@everyone" if name == "all" else f"@{name}"

    def preformatted(self, text: str) -> str:
        # Its fences are three backticks, no more.
        return f"```\n{unfenced(text)}\n```"
