"""
HipChat's v2 cards: a title, a description, facts and pictures in place of a text.

The fields are those of HipChat's schema (``card.json`` in jenkinsci/hipchat-plugin). A message
checks only what HipChat requires, so whatever else has the wrong shape is left out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..message import Message
from ..states import MessageFormat
from .addresses import absolute
from .colors import color_of
from .document import (
    Block,
    Document,
    Image,
    Inline,
    LineBreak,
    Link,
    Paragraph,
    Style,
    Styled,
    Text,
)
from .html_reading import read_html
from .reading import read, read_text


@dataclass(frozen=True)
class Attribute:
    """A fact of a card: ``label`` may be empty, ``url`` too; ``style`` is HipChat's lozenge."""

    label: str
    value: str
    url: str = ""
    style: str = ""


@dataclass(frozen=True)
class Card:
    """
    A card, as far as other services can show one. Addresses are absolute, or empty.

    ``activity`` is what HipChat showed in place of the card until somebody opened it.
    """

    style: str
    title: str
    url: str = ""
    description: tuple[Block, ...] = ()
    icon: str = ""
    thumbnail: str = ""
    attributes: tuple[Attribute, ...] = ()
    activity: tuple[Block, ...] = ()

    def blocks(self) -> tuple[Block, ...]:
        """Return the card as blocks of text, for services that know no cards."""
        title: Inline = Styled(Style.BOLD, (Text(self.title),))
        if self.url:
            title = Link(self.url, (title,))
        blocks: list[Block] = [*self.activity, Paragraph((title,)), *self.description]
        if self.attributes:
            lines = [inline for fact in self.attributes for inline in _line_of(fact)]
            blocks.append(Paragraph(tuple(lines[1:])))
        if self.thumbnail:
            blocks.append(Paragraph((Image(self.thumbnail, ""),)))
        return tuple(blocks)


def card_of(message: Message) -> Card | None:
    """
    Return a message's card; None if it has none.

    Raise ImproperlyConfigured if there is html in it and the libraries for that are missing.
    """
    given = message.card
    if given is None:
        return None
    thumbnail = given.get("thumbnail")
    activity = given.get("activity")
    return Card(
        style=_text(given.get("style")),
        title=_text(given.get("title")),
        url=absolute(_text(given.get("url"))),
        description=_description(given.get("description")),
        icon=_picture(given.get("icon")),
        thumbnail=_picture(thumbnail),
        attributes=tuple(_attributes(given.get("attributes"))),
        activity=_html(activity.get("html")) if isinstance(activity, Mapping) else (),
    )


def read_shown(message: Message) -> Document:
    """Return what HipChat showed of a message, as text: its card if it has one, else its text."""
    card = card_of(message)
    return read(message) if card is None else Document(card.blocks(), color_of(message))


def _line_of(fact: Attribute) -> Iterator[Inline]:
    yield LineBreak()
    if fact.label:
        yield Styled(Style.BOLD, (Text(f"{fact.label}:"),))
        yield Text(" ")
    yield Link(fact.url, (Text(fact.value),)) if fact.url else Text(fact.value)


def _text(value: Any) -> str:
    """Return one line of text."""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _html(value: Any) -> tuple[Block, ...]:
    return read_html(value, loud=False) if isinstance(value, str) else ()


def _description(value: Any) -> tuple[Block, ...]:
    """Return a description, which is a text or an object that says whether it is html."""
    if isinstance(value, Mapping):
        if value.get("format") != MessageFormat.TEXT.value:
            return _html(value.get("value"))
        value = value.get("value")
    return read_text(value, loud=False) if isinstance(value, str) else ()


def _picture(value: Any) -> str:
    """Return the address of an icon or a thumbnail, which is a string or an object with ``url``."""
    url = value.get("url") if isinstance(value, Mapping) else value
    return absolute(_text(url), ("http", "https"))


def _attributes(values: Any) -> Iterator[Attribute]:
    for given in values if isinstance(values, list) else []:
        value = given.get("value") if isinstance(given, Mapping) else None
        if isinstance(value, Mapping) and (text := _text(value.get("label"))):
            url = absolute(_text(value.get("url")))
            yield Attribute(_text(given.get("label")), text, url, _text(value.get("style")))
