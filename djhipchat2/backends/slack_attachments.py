"""
Slack's attachments, which Mattermost and Rocket.Chat take as well.

Not Block Kit: only an attachment has a colour, the two others know no blocks, and a block of text
ends after 3,000 characters. Slack calls attachments legacy and keeps them
(docs.slack.dev/reference/messaging/attachments, "Legacy fields").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ..markup import plain
from ..markup.card import Attribute, Card, card_of
from ..markup.colors import HEX
from ..markup.document import Document
from ..markup.reading import read
from ..message import Message
from .service_text import Render, clipped, value_of
from .webhook import WebhookBackend

#: Shown where attachments are not: in notifications, on a watch.
FALLBACK_CHARACTERS = 1_000
FACTS, FACT_CHARACTERS = 20, 500
#: Values that a card has room for side by side.
SHORT_CHARACTERS = 40


@dataclass(frozen=True)
class Dialect:
    """How a service reads an attachment."""

    render: Render
    limit: int
    """Characters of the text."""
    quoted: Callable[[str], str] = str
    """Writes what is no markup: titles and names."""


class AttachmentBackend(WebhookBackend):
    """
    Posts each message as an attachment.

    The option ``mention`` is what rings with ``notify``.
    """

    option_names: ClassVar[tuple[str, ...]] = ("mention", *WebhookBackend.option_names)
    dialect: ClassVar[Dialect]

    def content_of(self, message: Message) -> dict[str, Any]:
        """Return the attachment of a message and, beside it, what rings."""
        document = read(message)
        content: dict[str, Any] = {"attachments": [attachment_of(message, document, self.dialect)]}
        ring = self.ring_of(message, document)
        if ring:
            content["text"] = ring  # a mention inside an attachment rings nobody
        return content


def attachment_of(message: Message, document: Document, dialect: Dialect) -> dict[str, Any]:
    """
    Return a message as an attachment: coloured, under its sender's name.

    ``document`` is its text, which stands in for a card where no card is shown.
    """
    card = card_of(message)
    attachment = {
        "color": f"#{HEX[document.color]}",
        "fallback": dialect.quoted(plain.render(document, limit=FALLBACK_CHARACTERS)),
        "author_name": dialect.quoted(message.sender),
        "mrkdwn_in": ["text", "pretext", "fields"],
    }
    if card is None:
        attachment["text"] = dialect.render(document, limit=dialect.limit)
    else:
        attachment |= _fields_of(card, dialect)
    return {name: value for name, value in attachment.items() if value}


def _fields_of(card: Card, dialect: Dialect) -> dict[str, Any]:
    return {
        "title": dialect.quoted(card.title),
        "title_link": card.url,
        "text": dialect.render(Document(card.description), limit=dialect.limit),
        "pretext": dialect.render(Document(card.activity), limit=dialect.limit),
        "thumb_url": card.thumbnail or card.icon,
        "fields": [_fact_of(fact, dialect) for fact in card.attributes[:FACTS]],
    }


def _fact_of(fact: Attribute, dialect: Dialect) -> dict[str, Any]:
    return {
        "title": dialect.quoted(clipped(fact.label, FACT_CHARACTERS)),
        "value": dialect.render(value_of(fact), limit=FACT_CHARACTERS),
        "short": len(fact.value) <= SHORT_CHARACTERS,
    }
