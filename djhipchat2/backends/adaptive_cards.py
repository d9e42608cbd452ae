"""
Adaptive Cards, as Microsoft Teams shows them.

Microsoft's pages: adaptivecards.io/explorer (the schema; Teams takes version 1.5),
learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format (Markdown).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..markup import adaptivecard
from ..markup.card import Card, card_of
from ..markup.cutting import SMALLEST_LIMIT
from ..markup.document import Document, Paragraph, Text
from ..markup.reading import read
from ..message import Message
from ..states import Color
from .service_text import clipped, in_bytes, json_bytes

#: "The message size limit is 28 KB."
BYTES = 28 * 1024
FACTS, FACT_CHARACTERS = 20, 200
#: How a card's container is coloured; Teams has no others.
STYLES: Mapping[str, str] = {
    Color.YELLOW.value: "warning",
    Color.RED.value: "attention",
    Color.GREEN.value: "good",
    Color.PURPLE.value: "accent",
    Color.GRAY.value: "emphasis",
}


def body_of(message: Message) -> dict[str, Any]:
    """Return the body that the template for webhook requests posts; it keeps Teams' size."""
    document, card = read(message), card_of(message)
    frame = _body([_heading(message), _container(document.color, _items(card, " "))], card)
    room = max(BYTES - json_bytes(frame), SMALLEST_LIMIT)
    shown = document if card is None else Document((*card.activity, *card.description))
    text = in_bytes(adaptivecard.render, shown, room)
    return _body([_heading(message), _container(document.color, _items(card, text))], card)


def _body(elements: list[dict[str, Any]], card: Card | None) -> dict[str, Any]:
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": [element for element in elements if element],
        "msteams": {"width": "Full"},
    }
    if card is not None and card.url:
        content["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": card.url}]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": content,
    }
    return {"type": "message", "attachments": [attachment]}


def _heading(message: Message) -> dict[str, Any]:
    """Return the sender's line; empty without a sender."""
    return _text(message.sender, weight="Bolder", size="Small") if message.sender.strip() else {}


def _container(color: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "Container", "style": STYLES[color], "bleed": True, "items": items}


def _items(card: Card | None, text: str) -> list[dict[str, Any]]:
    body = {"type": "TextBlock", "text": text, "wrap": True}
    if card is None:
        return [body]
    items = [_text(card.title, weight="Bolder", size="Medium")]
    if text:
        items.append(body)
    if card.attributes:
        facts = [
            {"title": clipped(f.label, FACT_CHARACTERS), "value": clipped(f.value, FACT_CHARACTERS)}
            for f in card.attributes[:FACTS]
        ]
        items.append({"type": "FactSet", "facts": facts})
    if picture := card.thumbnail or card.icon:
        items.append({"type": "Image", "url": picture, "altText": card.title, "size": "Medium"})
    return items


def _text(words: str, **looks: str) -> dict[str, Any]:
    """Return a line whose signs are no Markdown."""
    document = Document((Paragraph((Text(words),)),))
    text = in_bytes(adaptivecard.render, document, SMALLEST_LIMIT * 50)
    return {"type": "TextBlock", "text": text, "wrap": True, **looks}
