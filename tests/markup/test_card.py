"""HipChat's cards, as other services can show them."""

from __future__ import annotations

import json
from typing import Any

from djhipchat2.markup import plain
from djhipchat2.markup.card import Attribute, Card, card_of, read_shown
from djhipchat2.markup.document import Paragraph, Text
from djhipchat2.message import Message
from tests.markup.golden import CORPUS


def message_with(card: dict[str, Any] | None) -> Message:
    return Message(room_id="Ops", text="fallback", card=card, color="green")


def test_a_message_without_a_card_has_none_and_shows_its_text() -> None:
    message = message_with(None)

    assert card_of(message) is None
    assert plain.render(read_shown(message), limit=100) == "fallback"


def test_a_card_is_read_with_all_that_it_has() -> None:
    given = json.loads((CORPUS / "card_full.json").read_text())["card"]

    card = card_of(message_with(given))

    assert card is not None
    assert (card.style, card.title, card.url) == (
        "application",
        "Build *42* failed",
        "https://ci.example.com/42",
    )
    assert card.icon == "https://ci.example.com/icon.png"
    assert card.thumbnail == "https://ci.example.com/graph.png"
    assert card.attributes == (
        Attribute("Branch", "main", "https://ci.example.com/main"),
        Attribute("State", "failed", style="lozenge-error"),
        Attribute("", "alone"),
    )
    assert card.activity
    assert read_shown(message_with(given)).color == "green"


def test_what_has_the_wrong_shape_is_left_out() -> None:
    given = json.loads((CORPUS / "card_odd.json").read_text())["card"]

    assert card_of(message_with(given)) == Card(
        style="file", title="7", icon="https://example.com/i.png"
    )


def test_a_description_is_html_only_where_it_says_so() -> None:
    html = card_of(
        message_with({"style": "link", "id": 1, "title": "T", "description": {"value": "&lt;"}})
    )
    text = card_of(message_with({"style": "link", "id": 1, "title": "T", "description": "&lt;"}))

    assert html is not None
    assert html.description == (Paragraph((Text("<"),)),)
    assert text is not None
    assert text.description == (Paragraph((Text("&lt;"),)),)
