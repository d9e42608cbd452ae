"""
Cutting a document so that what is made of it keeps a service's limit.

The document is cut, never its rendering: so no entity, tag, link or fence can be cut in half, and
all that is open is closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar
from unicodedata import category

from ..fitting import SHORTENED
from .document import (
    Block,
    Code,
    Document,
    Inline,
    Link,
    Listing,
    Paragraph,
    Preformatted,
    Quote,
    Styled,
    Table,
    Text,
    text_of,
)

#: Characters that are given up at most so that a cut falls between two words.
WORD_CHARACTERS = 24
#: No service's limit is below; the note must fit in, in any unit and markup.
SMALLEST_LIMIT = 100
_JOINER = "\N{ZERO WIDTH JOINER}"

_Node = TypeVar("_Node", bound=Block | Inline)


def fitted(
    document: Document,
    render: Callable[[Document], str],
    *,
    limit: int,
    size: Callable[[str], int] = len,
) -> str:
    """
    Return the rendering of a document, or of as much of its beginning as keeps the limit.

    ``size`` measures a rendering in the limit's unit. Raise ValueError for a limit that no service
    has.
    """
    if limit < SMALLEST_LIMIT:
        message = f"A limit of {limit} is too small to say anything; give {SMALLEST_LIMIT} or more."
        raise ValueError(message)
    whole = render(document)
    if size(whole) <= limit:
        return whole
    best = render(shortened(document, 0))
    fits, too_many = 0, len(text_of(document.blocks)) + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        candidate = render(shortened(document, middle))
        if size(candidate) <= limit:
            best, fits = candidate, middle
        else:
            too_many = middle
    return best


def shortened(document: Document, count: int) -> Document:
    """Return the first so many characters of a document, at most, and the note that it was cut."""
    blocks = _Knife(count).cut(document.blocks)
    note = Text(SHORTENED)
    if blocks and isinstance(last := blocks[-1], Paragraph):
        return replace(document, blocks=(*blocks[:-1], Paragraph((*last.children, note))))
    return replace(document, blocks=(*blocks, Paragraph((note,))))


class _Knife:
    """Gives out nodes until so many characters have been given."""

    def __init__(self, left: int) -> None:
        self.left = left

    def cut(self, nodes: Iterable[_Node]) -> tuple[_Node, ...]:
        return tuple(kept for node in nodes if (kept := self.cut_one(node)) is not None)

    def cut_one(self, node: _Node) -> _Node | None:
        """Return what is left of a node; None if nothing is."""
        if self.left <= 0:
            return None
        if isinstance(node, Text | Code | Preformatted):
            text = beginning(node.text, self.left)
            # All is used up by the first text that is cut, also where it gave up half a word.
            self.left = self.left - len(text) if text == node.text else 0
            return replace(node, text=text) if text.strip() or text == node.text else None
        if isinstance(node, Table):
            rows = tuple(
                tuple(self.cut(cell) for cell in row) for row in node.rows if self.left > 0
            )
            return replace(node, rows=rows)
        if isinstance(node, Listing):
            items = tuple(item for blocks in node.items if (item := self.cut(blocks)))
            return replace(node, items=items) if items else None
        if isinstance(node, Quote):
            blocks = self.cut(node.blocks)
            return replace(node, blocks=blocks) if blocks else None
        if isinstance(node, Paragraph | Styled | Link):
            children = self.cut(node.children)
            return replace(node, children=children) if children else None
        self.left -= len(text_of((node,)))
        return node if self.left >= 0 else None


def beginning(text: str, count: int) -> str:
    """Return the first characters of a text, cut between words if one ends near by."""
    if len(text) <= count:
        return text
    end = count
    while end > 0 and _belongs_to_the_one_before(text, end):
        end -= 1
    if text[end - 1 : end].isalnum() and text[end].isalnum():
        space = text.rfind(" ", max(0, end - WORD_CHARACTERS), end)
        end = space if space > 0 else end
    return text[:end].rstrip()


def _belongs_to_the_one_before(text: str, index: int) -> bool:
    """Is a character part of the one before: an accent, a skin tone, a joined emoji?"""
    return (
        category(text[index]) in ("Mn", "Mc", "Me", "Sk")
        or text[index] == _JOINER
        or text[index - 1] == _JOINER
    )
