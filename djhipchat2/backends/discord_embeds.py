"""
Discord's embeds: a message with a colour, or a card.

Discord's page: docs.discord.com/developers/resources/message, "Embed Object" and "Embed Limits".
"""

from __future__ import annotations

from typing import Any

from ..markup import discord
from ..markup.card import Attribute, Card, card_of
from ..markup.colors import HEX
from ..markup.document import Document
from ..message import Message
from .service_text import clipped, value_of

DESCRIPTION_CHARACTERS = 4_096
TITLE_CHARACTERS = NAME_CHARACTERS = 256
VALUE_CHARACTERS = 1_024
#: Discord takes 25 fields; those here leave room for the rest of what all together may have.
FIELDS, FIELDS_CHARACTERS = 25, 1_390
#: A name may not be empty, but what nobody sees is no name.
NO_NAME = "\N{ZERO WIDTH SPACE}"
SHORT_CHARACTERS = 40


def embed_of(message: Message, document: Document) -> dict[str, Any]:
    """Return a message, or its card, as an embed; ``document`` is the message's text."""
    color = int(HEX[document.color], 16)
    card = card_of(message)
    if card is None:
        text = discord.render(document, limit=DESCRIPTION_CHARACTERS)
        return {"color": color, "description": text}
    return {"color": color, **_fields_of(card)}


def _fields_of(card: Card) -> dict[str, Any]:
    text = Document((*card.activity, *card.description))
    picture = card.thumbnail or card.icon
    fields = {
        "title": clipped(card.title, TITLE_CHARACTERS),
        "url": card.url if card.url.startswith("http") else "",
        "description": discord.render(text, limit=DESCRIPTION_CHARACTERS),
        "thumbnail": {"url": picture} if picture else None,
        "fields": _facts_of(card.attributes[:FIELDS]),
    }
    return {name: value for name, value in fields.items() if value}


def _facts_of(facts: tuple[Attribute, ...]) -> list[dict[str, Any]]:
    """Return the facts that fit: an embed has 6,000 characters in all."""
    fields: list[dict[str, Any]] = []
    left = FIELDS_CHARACTERS
    for fact in facts:
        name = clipped(fact.label, NAME_CHARACTERS) or NO_NAME
        value = discord.render(value_of(fact), limit=VALUE_CHARACTERS)
        left -= len(name) + len(value)
        if left < 0:
            break
        fields.append({"name": name, "value": value, "inline": len(fact.value) <= SHORT_CHARACTERS})
    return fields
