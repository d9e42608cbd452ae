"""
Google Chat's cards.

Google's page: developers.google.com/workspace/chat/api/reference/rest/v1/cards ("CardHeader",
"TextParagraph" with its few elements of html, "DecoratedText", "ButtonList").
"""

from __future__ import annotations

from html import escape
from typing import Any

from ..markup import plain
from ..markup.card import Attribute, Card
from ..markup.document import Document
from .service_text import clipped

TITLE_CHARACTERS = 200
TEXT_CHARACTERS = 4_000
FACTS, FACT_CHARACTERS = 20, 200


def card_with_id(card: Card) -> dict[str, Any]:
    """Return a card as an item of ``cardsV2``."""
    header = {"title": clipped(card.title, TITLE_CHARACTERS)}
    if picture := card.thumbnail or card.icon:
        header["imageUrl"] = picture
    widgets: list[dict[str, Any]] = []
    if text := plain.render(Document(card.description), limit=TEXT_CHARACTERS):
        widgets.append({"textParagraph": {"text": escape(text)}})
    widgets += [_fact_of(fact) for fact in card.attributes[:FACTS]]
    if card.url:
        widgets.append({"buttonList": {"buttons": [{"text": "Open", **_opening(card.url)}]}})
    content: dict[str, Any] = {"header": header}
    if widgets:  # a section must have one
        content["sections"] = [{"widgets": widgets}]
    return {"cardId": "card", "card": content}


def _fact_of(fact: Attribute) -> dict[str, Any]:
    text = {"text": escape(clipped(fact.value, FACT_CHARACTERS))}
    if fact.label:
        text["topLabel"] = clipped(fact.label, FACT_CHARACTERS)
    return {"decoratedText": {**text, **(_opening(fact.url) if fact.url else {})}}


def _opening(url: str) -> dict[str, Any]:
    return {"onClick": {"openLink": {"url": url}}}
