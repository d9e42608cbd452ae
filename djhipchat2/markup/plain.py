"""Text without markup: for services that have none, and beside markup for those that show none."""

from __future__ import annotations

from collections.abc import Callable

from .document import Document
from .writing import Writer


def render(document: Document, *, limit: int, size: Callable[[str], int] = len) -> str:
    """Return a document as text; ``size`` measures it in the unit of the limit."""
    return Writer().render(document, limit, size)
