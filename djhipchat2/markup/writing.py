"""The walk from a document to text; each dialect overrides what its service writes differently."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

from .cutting import fitted
from .document import (
    Block,
    Code,
    Document,
    Image,
    Inline,
    LineBreak,
    Link,
    Listing,
    Mention,
    Paragraph,
    Preformatted,
    Style,
    Styled,
    Table,
    Text,
    text_of,
)
from .mentions import NO_MENTION, silenced
from .tables import aligned


class Writer:
    """Writes text without markup."""

    block_gap = "\n\n"
    line_end = "\n"
    bullet = "- "
    #: What would ring for a whole room, whoever wrote it.
    ringing = NO_MENTION
    #: Can a picture stand in a text, and thus in a link? Else a link to it stands there.
    shows_images = False

    @property
    def within_quote(self) -> Writer:
        """What writes the inside of a quote."""
        return self

    def render(self, document: Document, limit: int, size: Callable[[str], int] = len) -> str:
        """Return a document as text that keeps a limit."""
        return fitted(document, self.document, limit=limit, size=size)

    def document(self, document: Document) -> str:
        return self.blocks(document.blocks)

    def blocks(self, blocks: tuple[Block, ...]) -> str:
        return self.block_gap.join(filter(None, map(self.block, blocks)))

    def block(self, block: Block) -> str:
        match block:
            case Paragraph(children):
                return self.paragraph(self.inlines(children))
            case Preformatted(text):
                return self.preformatted(text)
            case Listing():
                return self.listing(block)
            case Table():
                return self.table(block)
            case _:
                return self.quote(self.within_quote.blocks(block.blocks))

    def inlines(self, inlines: tuple[Inline, ...]) -> str:
        return "".join(map(self.inline, inlines))

    def inline(self, inline: Inline) -> str:
        match inline:
            case Text(text):
                return self.silent(text)
            case LineBreak():
                return self.line_end
            case Styled(style, children):
                return self.styled(style, self.inlines(children))
            case Code(text):
                return self.code(text)
            case Link(url, children):
                return self.link(url, children)
            case Image():
                return self.image(inline)
            case Mention(name):
                return self.mention(name)
            case _:
                return inline.character

    def silent(self, text: str) -> str:
        """Return characters as they are, without a mention that rings for a whole room."""
        return self.text(silenced(text, self.ringing))

    def text(self, text: str) -> str:
        """Return characters so that a service shows them as they are."""
        return text

    def styled(self, _style: Style, inner: str) -> str:
        return inner

    def code(self, text: str) -> str:
        return self.silent(text)

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        label = self.label(children)
        return label if is_label_of(url, children) else f"{label} ({url})"

    def label(self, children: tuple[Inline, ...]) -> str:
        """Return the inside of a link, which cannot hold another one."""
        return self.inlines(
            children if self.shows_images else tuple(map(_without_images, children))
        )

    def image(self, image: Image) -> str:
        """Return a link to the picture: most services show none inside a text."""
        return self.link(image.url, (Text(image.label),))

    def mention(self, name: str) -> str:
        return f"@{name}"

    def paragraph(self, inner: str) -> str:
        return inner

    def preformatted(self, text: str) -> str:
        return text

    def quote(self, inner: str) -> str:
        return indent(inner, "> ", lambda _line: True)

    def listing(self, listing: Listing) -> str:
        lines = []
        for number, item in enumerate(listing.items, listing.start):
            marker = f"{number}. " if listing.ordered else self.bullet
            inner = indent(self.item(item), " " * len(marker))
            lines.append(marker + inner[len(marker) :])
        return "\n".join(lines)

    def item(self, blocks: tuple[Block, ...]) -> str:
        return "\n".join(filter(None, map(self.block, blocks)))

    def table(self, table: Table) -> str:
        return self.preformatted(table_text(table))


def is_label_of(url: str, children: tuple[Inline, ...]) -> bool:
    """Does a link show its own address, so that nothing needs to be said twice?"""
    label = text_of(children).strip()
    return label in (url, url.removeprefix("mailto:"), url.partition("://")[2])


def _without_images(inline: Inline) -> Inline:
    match inline:
        case Image():
            return Text(inline.label)
        case Styled(style, children):
            return Styled(style, tuple(map(_without_images, children)))
        case _:
            return inline


def table_text(table: Table) -> str:
    """Return a table as lines of aligned columns."""
    cells = [[" ".join(_PLAIN.inlines(cell).split()) for cell in row] for row in table.rows]
    return aligned(cells, header=table.header)


_PLAIN = Writer()
