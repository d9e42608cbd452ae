"""What people see of a document and of markup: characters, each with how it stands out."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from djhipchat2.markup.document import (
    Block,
    Code,
    Document,
    Image,
    Inline,
    Link,
    Style,
    Styled,
    children_of,
    text_of,
)

#: A character and the words for how it stands out.
Seen = tuple[str, frozenset[str]]

STRONG, EM, STRIKE, LINK, CODE = "strong", "em", "s", "link", "code"
NAMES = {Style.BOLD: STRONG, Style.ITALIC: EM, Style.STRIKE: STRIKE}
TAGS = {"strong": STRONG, "b": STRONG, "em": EM, "i": EM, "del": STRIKE, "s": STRIKE, "a": LINK}

_UNSEEN = re.compile("[\\s\u200b\u2060\x85]")
_COMMONMARK = MarkdownIt("commonmark", {"breaks": True, "html": False})
_COMMONMARK.enable(["table", "strikethrough"])


def seen(text: str, *looks: str) -> Iterator[Seen]:
    """Return the characters of a text that are neither blank nor without a width."""
    return ((character, frozenset(looks)) for character in _UNSEEN.sub("", text))


def in_document(document: Document, *, without: frozenset[str] = frozenset()) -> list[Seen]:
    """Return what is to be seen of a document, less the looks that a dialect has not."""
    return [(character, looks - without) for character, looks in _of_nodes(document.blocks, ())]


def _of_nodes(nodes: Iterable[Block | Inline], looks: tuple[str, ...]) -> Iterator[Seen]:
    for node in nodes:
        match node:
            case Styled(style, children):
                name = (NAMES[style],) if style in NAMES else ()
                yield from _of_nodes(children, looks + name)
            case Link(_, children):
                yield from _of_nodes(children, (*looks, LINK))
            case Code(text):
                yield from seen(text, *looks, CODE)
            case Image():
                yield from seen(node.alt, *looks)
            case _ if children_of(node):
                yield from _of_nodes(children_of(node), looks)
            case _:
                yield from seen(text_of((node,)), *looks)


def in_markdown(markdown: str) -> list[Seen]:
    """Return what CommonMark shows. Raise AssertionError for a rule: no dialect writes one."""
    return list(_of_tokens(_COMMONMARK.parse(markdown), set()))


def _of_tokens(tokens: list[Token], looks: set[str]) -> Iterator[Seen]:
    for token in tokens:
        assert token.type != "hr", "A line of text was read as a rule."
        name, _, end = token.type.rpartition("_")
        if end == "open" and name in (STRONG, EM, STRIKE, LINK):
            looks.add(name)
        elif end == "close":
            looks.discard(name)
        elif token.children is not None:
            yield from _of_tokens(token.children, looks)
        else:
            code = (CODE,) if token.type == "code_inline" else ()
            yield from seen(token.content, *looks, *code)


def in_xml(html: str) -> list[Seen]:
    """Return what html shows that closes all it opens. Raise ParseError for other html."""
    return list(_of_element(ET.fromstring(f"<x>{html.replace('<br>', '<br/>')}</x>"), ()))


def _of_element(element: ET.Element, looks: tuple[str, ...]) -> Iterator[Seen]:
    yield from seen(element.text or "", *looks)
    for child in element:
        name = (TAGS[child.tag],) if child.tag in TAGS else ()
        if child.tag == "code" and element.tag != "pre":
            name = (CODE,)
        yield from _of_element(child, looks + name)
        yield from seen(child.tail or "", *looks)
