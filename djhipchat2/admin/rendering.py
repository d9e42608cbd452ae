"""Values as HTML. Every text of a row goes through ``format_html()``, which escapes it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from ..delivery.explain import moment
from ..states import Color, Outcome, Status

EXCERPT_CHARACTERS = 90
NOTHING = "\N{EN DASH}"

#: A shape a word: nobody needs to tell the colours apart.
_SHAPES = {
    Status.QUEUED: "○",
    Status.SENDING: "◐",
    Status.SENT: "✓",
    Status.FAILED: "✗",
    Status.EXPIRED: "◇",
    Status.CANCELLED: "⊘",
    Outcome.ACCEPTED: "✓",
    Outcome.REJECTED: "✗",
    Outcome.UNAVAILABLE: "↻",
    Outcome.UNKNOWN: "?",
}


#: For lists, where seconds would push a column over the edge.
TO_THE_MINUTE = "%Y-%m-%d %H:%M"


def badge(word: Status | Outcome) -> SafeString:
    """Return a status or an outcome as a coloured word with a shape."""
    return format_html(
        '<span class="hipchat-badge hipchat-{}"><span aria-hidden="true">{}</span> {}</span>',
        word.value,
        _SHAPES[word],
        word.label,
    )


def color_sample(color: str) -> SafeString:
    """Return a message's colour as a word with a sample."""
    return format_html(
        '<span class="hipchat-sample hipchat-color-{}" aria-hidden="true"></span> {}',
        color,
        Color(color).label,
    )


def time_element(value: datetime, shape: str = "%Y-%m-%d %H:%M:%S") -> SafeString:
    """Return a time; its tooltip has the seconds and the time zone."""
    shown = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time class="hipchat-time" datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        moment(value),
        shown.strftime(shape),
    )


def excerpt(text: str) -> str:
    """Return the beginning of a text in one line."""
    return Truncator(" ".join(text.split())).chars(EXCERPT_CHARACTERS)


def source(text: str) -> SafeString:
    """Return a text as it was written, in a box of its own."""
    return format_html('<pre class="hipchat-source" dir="auto">{}</pre>', text)


def card_source(card: Any) -> SafeString:
    """Return a card as readable JSON."""
    return source(json.dumps(card, indent=2, ensure_ascii=False))


def noted(text: object, note: str) -> SafeString:
    """Return something with a quiet second line."""
    return format_html('{}<bdi class="hipchat-note">{}</bdi>', text, note)
