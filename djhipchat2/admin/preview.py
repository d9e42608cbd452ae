"""
A message as the chat shows it.

Its HTML goes through nh3, which lets only harmless markup pass, into a frame without scripts,
forms or addresses to load from. Without nh3 the source is shown.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.html import linebreaks, urlize
from django.utils.safestring import SafeString, mark_safe

from ..states import MessageFormat

try:
    import nh3
except ImportError:
    nh3 = None  # type: ignore[assignment]

HINT = "pip install 'djhipchat2[admin]'"
#: What HipChat let through, without what loads something from elsewhere.
TAGS = {
    *("a", "b", "strong", "i", "em", "u", "s", "del", "br", "p", "div", "span", "pre", "code"),
    *("blockquote", "ul", "ol", "li", "dl", "dt", "dd", "hr", "img"),
    *("table", "thead", "tbody", "tr", "td", "th"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
}
#: Of an image its words remain.
ATTRIBUTES = {"a": {"href", "title"}, "img": {"alt", "title"}, "td": {"colspan"}, "th": {"colspan"}}
#: On a page of messages there is no room for more, and no frame around it.
INLINE_TAGS = {
    "a",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "del",
    "br",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
}
#: What a line of a frame holds, and how many lines one is high at most; then it scrolls.
LINE_CHARACTERS, LINE_PIXELS, MOST_LINES = 70, 22, 24

_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|li|p|div|tr|h[1-6]|hr|pre|ul|ol|dt|dd)\b|\n", re.IGNORECASE)


def can_show_html() -> bool:
    """Is the sanitizer installed?"""
    return nh3 is not None


def as_html(text: str, *, tags: set[str] = TAGS) -> SafeString:
    """Return what is harmless of a message's HTML."""
    clean = nh3.clean(
        text,
        tags=tags,
        attributes={tag: names for tag, names in ATTRIBUTES.items() if tag in tags},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return mark_safe(clean)  # noqa: S308 - sanitized just now


def as_text(text: str) -> SafeString:
    """Return a text with its line breaks, and its addresses as links."""
    return mark_safe(linebreaks(urlize(text, nofollow=True, autoescape=True)))  # noqa: S308 - escaped


def inline(text: str, message_format: str) -> SafeString | None:
    """Return a message to stand among others; None: its HTML cannot be shown here."""
    if message_format == MessageFormat.TEXT:
        return as_text(text)
    return as_html(text, tags=INLINE_TAGS) if can_show_html() else None


def height(text: str) -> int:
    """Return how many pixels high a text's frame is; one without scripts cannot tell."""
    breaks = len(_BREAK.findall(text))
    lines = breaks + len(_TAG.sub("", text)) // LINE_CHARACTERS + 1
    return min(lines, MOST_LINES) * LINE_PIXELS + LINE_PIXELS


def frame(request: HttpRequest, text: str) -> HttpResponse:
    """Return the page that a message's frame shows."""
    sheet = static("djhipchat2/frame.css")
    response = render(
        request, "djhipchat2/admin/frame.html", {"html": as_html(text), "sheet": sheet}
    )
    parts = urlsplit(sheet)
    source = f"{parts.scheme or request.scheme}://{parts.netloc or request.get_host()}"
    response["Content-Security-Policy"] = (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        f"style-src {source}; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    return response
