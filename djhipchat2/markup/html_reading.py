"""HipChat's html as blocks, however broken, nested or overlapping it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .addresses import absolute
from .document import (
    Block,
    Code,
    Image,
    LineBreak,
    Listing,
    Paragraph,
    Preformatted,
    Quote,
    Style,
    Text,
    text_of,
)
from .emoticons import emoticon
from .invisible import is_seen, without_controls
from .mentions import with_mentions
from .parsing import parsed
from .runs import Leaf, Run, tree_of
from .styles import STYLES_OF_TAGS, styles_in
from .tables import Cells, table_of

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

#: Elements inside each other beyond which only the text is kept: no message means that.
DEEPEST = 24
RULE = "———"
#: Columns that one cell can cover.
WIDEST = 20

_PARAGRAPHS = {
    *("p", "div", "section", "article", "header", "footer", "address", "center"),
    *("dl", "dd", "figure", "figcaption", "li", "td", "th", "tr", "tbody", "thead", "tfoot"),
}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption"}
_CODES = {"code", "tt", "kbd", "samp"}


@dataclass(frozen=True)
class _Place:
    """What surrounds an element."""

    loud: bool
    styles: frozenset[Style] = frozenset()
    url: str = ""
    depth: int = 0

    def inside(self, *styles: Style, url: str = "") -> _Place:
        return replace(
            self,
            styles=self.styles.union(styles),
            url=url or self.url,
            depth=self.depth + 1,
        )


def read_html(html: str, *, loud: bool) -> tuple[Block, ...]:
    """Return the blocks of html; ``loud``: do ``@all`` and ``@here`` ring?"""
    return _blocks_in(parsed(html), _Place(loud))


def _blocks_in(element: LexborNode, place: _Place) -> tuple[Block, ...]:
    reader = _Reader()
    if element.is_text_node:
        reader.text(element.text_content or "", place)
    else:
        reader.children(element, place)
    reader.end_paragraph()
    return tuple(reader.blocks)


class _Reader:
    """Walks an element's children; ``blocks`` are done, ``runs`` the paragraph under way."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.runs: list[Run] = []

    def children(self, element: LexborNode, place: _Place) -> None:
        if place.depth > DEEPEST:
            self.add(Text(without_controls(element.text(deep=True))), place)
            return
        for node in element.iter(include_text=True):
            if node.is_text_node:
                self.text(node.text_content or "", place)
            else:
                self.element(node, place)

    def text(self, text: str, place: _Place) -> None:
        text = without_controls(text)
        for leaf in with_mentions(text) if place.loud else [Text(text)]:
            self.add(leaf, place)

    def add(self, leaf: Leaf, place: _Place) -> None:
        self.runs.append(Run(leaf, place.styles, place.url))

    def end_paragraph(self) -> None:
        children = tree_of(self.runs)
        self.runs = []
        if is_seen(text_of(children)):
            self.blocks.append(Paragraph(children))

    def add_block(self, block: Block) -> None:
        self.end_paragraph()
        self.blocks.append(block)

    def element(self, node: LexborNode, place: _Place) -> None:
        tag = node.tag or ""
        if tag in STYLES_OF_TAGS:
            self.children(node, place.inside(STYLES_OF_TAGS[tag]))
        elif tag == "span":
            style = node.attributes.get("style") or ""
            self.children(node, place.inside(*styles_in(style)))
        elif tag in _PARAGRAPHS or tag in _HEADINGS:
            self.end_paragraph()
            self.children(node, place.inside(Style.BOLD) if tag in _HEADINGS else place.inside())
            self.end_paragraph()
        elif tag in _CODES:
            self.code(node, place)
        else:
            self.special(tag, node, place)

    def special(self, tag: str, node: LexborNode, place: _Place) -> None:
        match tag:
            case "br":
                self.add(LineBreak(), place)
            case "a":
                self.link(node, place)
            case "img":
                self.image(node, place)
            case "pre":
                if is_seen(lines := _lines_of(node).strip("\n")):
                    self.add_block(Preformatted(lines))
            case "hr":
                self.add_block(Paragraph((Text(RULE),)))
            case "ul" | "ol":
                self.listing(node, place.inside())
            case "table":
                self.table(node, place.inside())
            case _:  # the only one left of those that nh3 lets through
                if blocks := _blocks_in(node, place.inside()):
                    self.add_block(Quote(blocks))

    def link(self, node: LexborNode, place: _Place) -> None:
        url = absolute(node.attributes.get("href") or "")
        before = len(self.runs), len(self.blocks)
        self.children(node, place.inside(url=url))
        if url and before == (len(self.runs), len(self.blocks)):
            self.runs.append(Run(Text(url), place.styles, url))

    def image(self, node: LexborNode, place: _Place) -> None:
        url = absolute(node.attributes.get("src") or "", ("http", "https"))
        alt = " ".join(without_controls(node.attributes.get("alt") or "").split())
        if known := emoticon(alt):
            self.add(known, place)
        elif url:
            self.add(Image(url, alt), place)
        else:
            self.add(Text(alt), place)

    def code(self, node: LexborNode, place: _Place) -> None:
        text = _lines_of(node)
        lines = text.split("\n") if node.css_first("br") else [text]
        for number, line in enumerate(lines):
            if number:
                self.add(LineBreak(), place)
            if line.strip():
                # Not every service can make code bold, and none needs to.
                self.runs.append(Run(Code(" ".join(line.split())), url=place.url))

    def listing(self, node: LexborNode, place: _Place) -> None:
        items = [_blocks_in(item, place.inside()) for item in node.iter(include_text=True)]
        items = [item for item in items if item]
        if not items:
            return
        start = node.attributes.get("start") or ""
        first = int(start) if start.isdecimal() and len(start) < 6 else 1
        self.add_block(Listing(tuple(items), node.tag == "ol", first))

    def table(self, node: LexborNode, place: _Place) -> None:
        rows: list[Cells] = []
        header = False
        for part in node.iter():
            if part.tag == "caption":
                self.element(part, place)
                continue
            for row in part.iter():
                cells = list(row.iter())
                header = header or (not rows and all(cell.tag == "th" for cell in cells))
                rows.append([(_blocks_in(cell, place), _span_of(cell)) for cell in cells])
        if table := table_of(rows, header=header):
            self.add_block(table)


def _span_of(cell: LexborNode) -> int:
    """Return how many columns a cell covers."""
    span = cell.attributes.get("colspan") or ""
    return min(max(int(span), 1), WIDEST) if span.isdecimal() and len(span) < 6 else 1


def _lines_of(element: LexborNode) -> str:
    """Return the text of preformatted lines; ``<br>`` ends one, a picture is its name."""
    parts = []
    for node in element.traverse(include_text=True):
        if node.is_text_node:
            parts.append(node.text_content or "")
        elif node.tag == "br":
            parts.append("\n")
        elif node.tag == "img":
            parts.append(node.attributes.get("alt") or "")
    return without_controls("".join(parts))
