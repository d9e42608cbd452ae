"""Which styles html's tags, and the ``style`` of its spans, stand for."""

from __future__ import annotations

from collections.abc import Iterator

from .document import Style

STYLES_OF_TAGS = {
    "b": Style.BOLD,
    "strong": Style.BOLD,
    "i": Style.ITALIC,
    "em": Style.ITALIC,
    "cite": Style.ITALIC,
    "var": Style.ITALIC,
    "u": Style.UNDERLINE,
    "ins": Style.UNDERLINE,
    "s": Style.STRIKE,
    "strike": Style.STRIKE,
    "del": Style.STRIKE,
}
_BOLD_WEIGHTS = {"bold", "bolder", "600", "700", "800", "900"}


def styles_in(css: str) -> Iterator[Style]:
    """Return what HipChat's ``style`` attribute asks for; its colours and sizes are not kept."""
    for declaration in css.lower().split(";"):
        name, _, value = declaration.partition(":")
        words = set(value.split())
        match name.strip():
            case "font-weight" if words & _BOLD_WEIGHTS:
                yield Style.BOLD
            case "font-style" if words & {"italic", "oblique"}:
                yield Style.ITALIC
            case "text-decoration" | "text-decoration-line":
                if "underline" in words:
                    yield Style.UNDERLINE
                if "line-through" in words:
                    yield Style.STRIKE
