"""What the dialects that are html have in common."""

from __future__ import annotations

import re
from html import escape

from .document import Inline, Style
from .writing import Writer

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_MANY_SPACES = re.compile(r"^ (?= )|(?<= ) ")


class HtmlWriter(Writer):
    """Writes inlines as html elements."""

    tags = {Style.BOLD: "b", Style.ITALIC: "i", Style.UNDERLINE: "u", Style.STRIKE: "s"}

    def text(self, text: str) -> str:
        return escape(text)

    def styled(self, style: Style, inner: str) -> str:
        return f"<{self.tags[style]}>{inner}</{self.tags[style]}>"

    def code(self, text: str) -> str:
        return f"<code>{escape(text)}</code>"

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        return f'<a href="{escape(url)}">{self.label(children)}</a>'


def spaced(text: str) -> str:
    """Return a text whose spaces are all seen where html is shown: there, many look like one."""
    return _MANY_SPACES.sub(NO_BREAK_SPACE, text.replace("\t", " " * 4))
