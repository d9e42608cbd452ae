"""What messages of different services share: a heading, a sign for a colour, a size in bytes."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ..markup.card import Attribute
from ..markup.colors import DOTS
from ..markup.cutting import SMALLEST_LIMIT, beginning
from ..markup.document import Document, Inline, Link, Paragraph, Text
from ..message import Message


class Render(Protocol):
    """A dialect: the ``render()`` of a module in ``markup``."""

    def __call__(self, document: Document, *, limit: int) -> str: ...


def headed(document: Document, message: Message) -> Document:
    """Return a document under its message's colour and sender: where a service has neither."""
    return document.headed(f"{DOTS.get(message.color, '')} {message.sender}")


def value_of(fact: Attribute) -> Document:
    """Return the value of a card's fact, a link if it has one."""
    value: Inline = Text(fact.value)
    return Document((Paragraph((Link(fact.url, (value,)) if fact.url else value,)),))


def in_bytes(render: Render, document: Document, limit: int) -> str:
    """Return a rendering that keeps a limit in bytes of JSON."""
    characters = limit
    while True:
        text = render(document, limit=max(characters, SMALLEST_LIMIT))
        size = json_bytes(text)
        if size <= limit or characters <= SMALLEST_LIMIT:
            return text
        characters = characters * limit // size - 1


def json_bytes(value: Any) -> int:
    """Return the bytes that a value takes in a request."""
    return len(json.dumps(value, ensure_ascii=False).encode())


def clipped(text: str, limit: int) -> str:
    """Return one line of text, or its beginning with a sign that it goes on."""
    return text if len(text) <= limit else f"{beginning(text, limit - 1)}…"
