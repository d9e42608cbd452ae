"""
Discord's Markdown: no tables and no pictures, but underlined text.

Source: Discord's help pages "Markdown Text 101" and, for mentions, its API's "Message Formatting".
"""

from __future__ import annotations

import re

from .document import Document, Style, Table
from .guarding import unfenced
from .markdown import MarkdownWriter
from .writing import Writer


def render(document: Document, *, limit: int) -> str:
    """Return a document as Discord's Markdown; ``limit`` is in characters."""
    return _DiscordWriter().render(document, limit)


class _DiscordWriter(MarkdownWriter):
    block_gap = "\n"
    ringing = re.compile(r"@(?:everyone|here)", re.IGNORECASE)
    delimiters = {**MarkdownWriter.delimiters, Style.UNDERLINE: "__"}

    def around(self, sign: str, core: str, before: str, after: str) -> str:
        # A backslash does not keep it from taking this sign for the end.
        if sign == "~~" and "~" in core:
            return core
        return super().around(sign, core, before, after)

    def code(self, text: str) -> str:
        return self.silent(text) if "``" in text else super().code(text)

    def table(self, table: Table) -> str:
        return Writer.table(self, table)

    def mention(self, name: str) -> str:
        return "@everyone" if name == "all" else f"@{name}"

    def preformatted(self, text: str) -> str:
        # Its fences are three backticks, no more.
        return f"```\n{unfenced(text)}\n```"
