"""Messages as HipChat showed them, and never as a script."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import nh3
from django.template.defaultfilters import linebreaksbr, urlize
from django.utils.safestring import SafeString, mark_safe

from .models import Message

#: hipchat.com/docs/api/method/rooms/message (v1) and "Sending messages" (v2).
TAGS = {
    *("a", "b", "i", "strong", "em", "br", "img", "pre", "code", "span"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
#: ``style`` is HipChat's, too; the page's policy forbids inline styles, so it would do nothing.
CELL = {"colspan", "rowspan", "valign"}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "align"},
    "td": CELL,
    "th": CELL,
    "tr": {"valign"},
}
SCHEMES = {"http", "https", "mailto"}
TEXT = "text"


def rendered(message: Message) -> SafeString:
    """Return a message's text as HTML."""
    if message.message_format == TEXT:
        return linebreaksbr(urlize(message.text))
    return cleaned(message.text)


def cleaned(html: str) -> SafeString:
    """Return HTML with nothing but the tags and attributes that HipChat let through."""
    return mark_safe(
        nh3.clean(
            html,
            tags=TAGS,
            attributes=ATTRIBUTES,
            url_schemes=SCHEMES,
            link_rel="noopener noreferrer nofollow",
        )
    )


def card_of(message: Message) -> dict[str, str] | None:
    """Return what a card shows: title, address, description; None without a card."""
    card = message.card
    if not isinstance(card, dict):
        return None
    description = card.get("description")
    html = False
    if isinstance(description, dict):
        html = description.get("format") == "html"
        description = description.get("value")
    return {
        "title": _text(card.get("title")) or "Card",
        "url": _address(card.get("url")),
        "description": "" if html else _text(description),
        "description_html": cleaned(_text(description)) if html else "",
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _address(value: Any) -> str:
    """Return an address that is safe to link to."""
    try:
        scheme = urlsplit(_text(value)).scheme.lower()
    except ValueError:
        return ""
    return _text(value) if scheme in ("http", "https") else ""
