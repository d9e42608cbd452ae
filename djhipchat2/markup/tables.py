"""Tables: cells that hold one line each, in rows of one length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias
from unicodedata import combining, east_asian_width

from .document import (
    Block,
    Code,
    Inline,
    LineBreak,
    Listing,
    Paragraph,
    Preformatted,
    Quote,
    Table,
    Text,
    text_of,
)

#: A row as it is read: the blocks of each cell and how many columns it covers.
Cells: TypeAlias = list[tuple[tuple[Block, ...], int]]
BULLET = "• "
BORDER = " | "


def table_of(rows: list[Cells], *, header: bool) -> Table | None:
    """Return a table, its rows filled up with empty cells; None if it holds nothing."""
    lines = [[cell for blocks, span in row for cell in _spread(blocks, span)] for row in rows]
    columns = max(map(len, lines), default=0)
    if not any(cell for line in lines for cell in line):
        return None
    filled = (tuple(line + [()] * (columns - len(line))) for line in lines)
    return Table(tuple(line for line in filled if any(line)), header)


def _spread(blocks: tuple[Block, ...], span: int) -> list[tuple[Inline, ...]]:
    return [tuple(_inlines(blocks)), *[()] * (span - 1)]


def _inlines(blocks: Iterable[Block]) -> Iterator[Inline]:
    """Return blocks as the lines of a cell."""
    for number, block in enumerate(blocks):
        if number:
            yield LineBreak()
        match block:
            case Paragraph(children):
                yield from children
            case Preformatted(text):
                yield Code(" ".join(text.split()))
            case Quote(quoted):
                yield from _inlines(quoted)
            case Listing(items):
                yield from _items(items)
            case _:
                yield Text("; ".join(BORDER.join(map(text_of, row)) for row in block.rows))


def _items(items: tuple[tuple[Block, ...], ...]) -> Iterator[Inline]:
    for number, item in enumerate(items):
        if number:
            yield LineBreak()
        yield Text(BULLET)
        yield from _inlines(item)


def aligned(rows: list[list[str]], *, header: bool) -> str:
    """Return rows of texts as columns of one width, for letters that are all as wide."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = [BORDER.join(map(_padded, row, widths)).rstrip() for row in rows]
    if header:
        lines.insert(1, "-+-".join("-" * width for width in widths))
    return "\n".join(lines)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Return the columns that a text takes: none for accents, two for Chinese letters."""
    return sum(
        0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text
    )
