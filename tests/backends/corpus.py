"""Messages whose payloads are written down for each service, in ``golden/``."""

from __future__ import annotations

from typing import Any

from djhipchat2.message import Message, service_limits

CARD = {
    "style": "application",
    "id": "4711",
    "title": "Order 4711 <paid>",
    "url": "https://shop.example.com/orders/4711?a=1&b=2",
    "description": {"value": "Paid by <b>card</b> & shipped", "format": "html"},
    "icon": {"url": "https://shop.example.com/icon.png"},
    "thumbnail": {"url": "https://shop.example.com/thumb.png"},
    "attributes": [
        {"label": "Total", "value": {"label": "99.50 €", "style": "lozenge-success"}},
        {"label": "Customer", "value": {"label": "Ann", "url": "https://shop.example.com/ann"}},
        {"value": {"label": "no label"}},
    ],
    "activity": {"html": "<b>Shop</b> sold something"},
}
BARE_CARD = {"style": "link", "id": "1", "title": "Only a title"}
CROWDED_CARD = {
    "style": "media",
    "id": "2",
    "title": "T" * 500,
    "description": "word " * 4_000,
    "attributes": [
        {"label": f"Label {n} " + "l" * 300, "value": {"label": f"Value {n} " + "v" * 1_500}}
        for n in range(40)
    ],
}
#: Arguments of a message beside the room.
MESSAGES: dict[str, dict[str, Any]] = {
    "plain text": {"text": "5 < 6 & *no* _markup_ `here` @here", "message_format": "text"},
    "html": {
        "text": "<b>Order 4711</b> is <i>paid</i>: <a href='https://shop.example.com/?a=1&b=2'>see"
        " it</a><br>Next line &amp; <code>code</code>"
    },
    "lists and tables": {
        "text": "<ul><li>one</li><li>two</li></ul><table><tr><th>a</th><th>b</th></tr>"
        "<tr><td>1</td><td>2 | 3</td></tr></table><pre>if a &lt; b:\n    pass</pre>"
    },
    "red and loud": {"text": "Disk full", "color": "red", "notify": True},
    "everybody is called": {
        "text": "@all come",
        "message_format": "text",
        "color": "green",
        "notify": True,
    },
    "other letters": {"text": "Grüße, 你好 👋🏽", "sender": "Büro", "color": "purple"},
    "a sender that Discord forbids": {"text": "hi", "sender": "Discord: #ops", "color": "gray"},
    "no sender": {"text": "hi", "sender": ""},
    "a card": {"text": "Order 4711 is paid", "card": CARD, "color": "green"},
    "a bare card": {"text": "a title", "card": BARE_CARD},
    "a crowded card": {"text": "much", "card": CROWDED_CARD, "notify": True},
    "the longest text": {"text": "äöü & <b>so</b> on<br>" * 454, "message_format": "html"},
    "the longest text of wide characters": {"text": "👍" * 10_000, "message_format": "text"},
    "the longest text of signs": {"text": "<*_" * 3_333, "message_format": "text"},
}


def message(name: str) -> Message:
    """Return a message of the corpus."""
    values = {"room_id": "Ops", "key": "0190-key", **MESSAGES[name]}
    return Message(**values, limits=service_limits("any"))
