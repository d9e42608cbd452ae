"""
The libraries that read html: nh3 and selectolax, the extra ``chats``.

nh3 (the ammonia of Rust) takes out scripts, styles, comments and what stands in no list of HipChat;
selectolax (lexbor) makes the tree. Both follow HTML 5 and come as wheels for every Python that this
package runs on; selectolax is typed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ImproperlyConfigured

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

#: Of HipChat: hipchat.com/docs/api/method/rooms/message (v1), "Sending messages" (v2).
HIPCHATS_TAGS = {
    *("a", "b", "i", "strong", "em", "br", "img", "pre", "code", "span"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
#: What senders write beside these; each has a meaning that other services can show.
OTHER_TAGS = {
    *("p", "div", "section", "article", "header", "footer", "address", "center", "hr"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "figure", "figcaption"),
    *("u", "ins", "s", "strike", "del", "tt", "kbd", "samp", "var", "cite"),
}
ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "span": {"style"},
    "td": {"colspan"},
    "th": {"colspan"},
}


def require_libraries() -> None:
    """Raise ImproperlyConfigured unless html can be read."""
    parsed("")


def parsed(html: str) -> LexborNode:
    """Return the body of html. Raise ImproperlyConfigured if the libraries are not installed."""
    try:
        # An extra's libraries, which the backends for HipChat itself do without.
        import nh3  # noqa: PLC0415
        from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415
    except ImportError as error:
        message = (
            f"Messages in html need the library {error.name} to be shown in other chats than "
            f"HipChat: pip install 'djhipchat2[chats]'."
        )
        raise ImproperlyConfigured(message) from None
    cleaned = nh3.clean(html, tags=HIPCHATS_TAGS | OTHER_TAGS, attributes=ATTRIBUTES, link_rel=None)
    body = LexborHTMLParser(f"<!doctype html><body>{cleaned}").body
    assert body is not None  # noqa: S101 - a parser of HTML 5 makes one for any text
    return body
