"""Mattermost's Markdown: tables, pictures, emphasis and fenced code (docs.mattermost.com)."""

from __future__ import annotations

import re

from .document import Document, Image
from .markdown import MarkdownWriter
from .urls import in_brackets


def render(document: Document, *, limit: int) -> str:
    """Return a document as Mattermost's Markdown; ``limit`` is in characters."""
    return _MattermostWriter().render(document, limit)


class _MattermostWriter(MarkdownWriter):
    shows_images = True
    ringing = re.compile(r"(?<!\w)@(?:all|channel|here)\b", re.IGNORECASE)

    def image(self, image: Image) -> str:
        return f"![{self.escaped(image.alt)}]({in_brackets(image.url)})"
