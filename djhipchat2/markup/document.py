"""
What a message says, apart from any service's markup: a frozen tree of blocks and inlines.

``reading`` makes it, and the dialects (``mrkdwn``, ``telegram`` ...) render it. Texts hold the
characters to show, neither escaped nor with white space that nobody would see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Style(Enum):
    """How a text stands out."""

    BOLD = "bold"
    ITALIC = "italic"
    UNDERLINE = "underline"
    STRIKE = "strike"


@dataclass(frozen=True)
class Text:
    """Characters as they are to be seen, without line breaks."""

    text: str


@dataclass(frozen=True)
class LineBreak:
    """The end of a line within a paragraph."""


@dataclass(frozen=True)
class Styled:
    """Inlines that stand out."""

    style: Style
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Code:
    """A piece of code within a line."""

    text: str


@dataclass(frozen=True)
class Link:
    """Inlines that lead to an absolute http, https or mailto address."""

    url: str
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Image:
    """A picture at an absolute http or https address."""

    url: str
    alt: str

    @property
    def label(self) -> str:
        """What stands for the picture where it is not shown."""
        return self.alt or self.url


@dataclass(frozen=True)
class Mention:
    """HipChat's ``@all`` or ``@here``, in a message whose sender asked to notify."""

    name: str


@dataclass(frozen=True)
class Emoticon:
    """One of HipChat's emoticons, such as ``(thumbsup)``, that Unicode has a character for."""

    shortcut: str
    character: str


Inline: TypeAlias = Text | LineBreak | Styled | Code | Link | Image | Mention | Emoticon


@dataclass(frozen=True)
class Paragraph:
    """Lines of text."""

    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Preformatted:
    """Lines whose white space counts; ``text`` may hold line breaks."""

    text: str


@dataclass(frozen=True)
class Listing:
    """A list; each item is a sequence of blocks."""

    items: tuple[tuple[Block, ...], ...]
    ordered: bool = False
    start: int = 1


@dataclass(frozen=True)
class Table:
    """Rows of cells, all of one length; ``header`` says whether the first row names the columns."""

    rows: tuple[tuple[tuple[Inline, ...], ...], ...]
    header: bool = False


@dataclass(frozen=True)
class Quote:
    """Blocks that somebody else said."""

    blocks: tuple[Block, ...]


Block: TypeAlias = Paragraph | Preformatted | Listing | Table | Quote


@dataclass(frozen=True)
class Document:
    """A whole message. ``color`` is one of HipChat's colours, ``random`` already drawn."""

    blocks: tuple[Block, ...]
    color: str = "yellow"

    def headed(self, title: str) -> Document:
        """Return the document below a bold line, as for a sender that a service cannot show."""
        if not title.strip():
            return self
        heading: tuple[Inline, ...] = (Styled(Style.BOLD, (Text(" ".join(title.split())),)),)
        first = self.blocks[0] if self.blocks else None
        if isinstance(first, Paragraph):
            top = Paragraph((*heading, LineBreak(), *first.children))
            return Document((top, *self.blocks[1:]), self.color)
        return Document((Paragraph(heading), *self.blocks), self.color)

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures, in the order of the text."""
        return tuple(node for node in nodes_in(self.blocks) if isinstance(node, Image))

    @property
    def mentions(self) -> frozenset[str]:
        """``all`` and ``here``, where they are to ring: what a service may be told to allow."""
        return frozenset(node.name for node in nodes_in(self.blocks) if isinstance(node, Mention))


def nodes_in(nodes: Iterable[Block | Inline]) -> Iterator[Block | Inline]:
    """Return nodes and all that stands inside them, in the order of the text."""
    for node in nodes:
        yield node
        yield from nodes_in(children_of(node))


def children_of(node: Block | Inline) -> tuple[Block | Inline, ...]:
    """Return what stands directly inside a node."""
    match node:
        case Paragraph(children) | Styled(_, children) | Link(_, children):
            return children
        case Quote(blocks):
            return blocks
        case Listing(items):
            return tuple(block for item in items for block in item)
        case Table(rows):
            return tuple(inline for row in rows for cell in row for inline in cell)
        case _:
            return ()


def text_of(nodes: Iterable[Block | Inline]) -> str:
    """Return the characters of nodes, one after the other and without any markup."""
    return "".join(_text(node) for node in nodes)


def _text(node: Block | Inline) -> str:
    match node:
        case Text(text) | Code(text) | Preformatted(text):
            return text
        case LineBreak():
            return "\n"
        case Image():
            return node.label
        case Mention(name):
            return f"@{name}"
        case Emoticon(_, character):
            return character
        case _:
            return text_of(children_of(node))
