"""Values as HTML. Every text of a row goes through ``format_html()``, which escapes it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..delivery.explain import Explanation
from ..delivery.wording import moment
from ..states import Color, Outcome, Status

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

#: From how many seconds on a unit is used, the longest first.
_UNITS = (
    (86_400, gettext_lazy("%(number)d d")),
    (3_600, gettext_lazy("%(number)d h")),
    (60, gettext_lazy("%(number)d min")),
    (1, gettext_lazy("%(number)d s")),
)


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


def time_element(value: datetime, text: str | None = None) -> SafeString:
    """
    Return a time, or a text that stands for it; its tooltip has seconds and time zone.

    The browser may show it in its own zone, unless the project has chosen one for this user.
    """
    return _element("time", value, moment(value) if text is None else text)


def clock_element(value: datetime) -> SafeString:
    """Return the hour and minute of a time, as ``time_element()`` does a time."""
    return _element("clock", value, value.strftime("%H:%M"))


def _element(kind: str, value: datetime, text: str) -> SafeString:
    return format_html(
        '<time class="hipchat-{}" dir="auto" datetime="{}" title="{}" data-hipchat-zone="{}">'
        "{}</time>",
        kind,
        value.isoformat(),
        moment(value),
        zone_kind(value),
        text,
    )


def sentence(told: Explanation) -> SafeString:
    """Return why a message is where it is; the time that is named is one for the browser."""
    if told.named is None:
        return format_html("{}", told.text)
    before, _exact, after = told.text.partition(moment(told.named))
    return format_html("{}{}{}", before, time_element(told.named), after)


def zone_kind(value: datetime) -> str:
    """Return whose zone times are in: the site's, or one that is chosen for this user."""
    current = timezone.get_current_timezone_name()
    is_sites = timezone.is_aware(value) and current == timezone.get_default_timezone_name()
    return "site" if is_sites else "chosen"


def relative(value: datetime, now: datetime) -> SafeString:
    """Return how long ago a time was, or in how long it will be."""
    seconds = (value - now).total_seconds()
    if seconds > 0:
        text = _("in %(time)s") % {"time": duration(seconds)}
    else:
        text = _("%(time)s ago") % {"time": duration(-seconds)}
    return time_element(value, text)


def duration(seconds: float) -> str:
    """Return a time span in the largest unit that it fills."""
    for size, text in _UNITS:
        if seconds >= size:
            return str(text) % {"number": seconds // size}
    return str(_UNITS[-1][1]) % {"number": 0}


def source(text: str) -> SafeString:
    """Return a text as it was written, in a box of its own."""
    return format_html('<pre class="hipchat-source" dir="auto">{}</pre>', text)


def card_source(card: Any) -> SafeString:
    """Return a card as readable JSON."""
    return source(json.dumps(card, indent=2, ensure_ascii=False))


def noted(text: object, note: str) -> SafeString:
    """Return something with a quiet second line."""
    return format_html('{}<bdi class="hipchat-note">{}</bdi>', text, note)
