"""Mattermost's Markdown: tables, pictures, emphasis and fenced code (docs.mattermost.com)."""

from __future__ import annotations

from .document import Document
from .markdown import MarkdownWriter


def render(document: Document, *, limit: int) -> str:
    """Return a document as Mattermost's Markdown; ``limit`` is in characters."""
    return _MattermostWriter().render(document, limit)


class _MattermostWriter(MarkdownWriter):
    ringing = ("all", "channel", "here")
