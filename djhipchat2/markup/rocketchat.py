"""
Rocket.Chat's Markdown, as its message parser reads it.

Source: the npm package ``@rocket.chat/message-parser``. A backslash escapes a few signs, but
neither in an emphasis nor in a link's label; lists are not nested, tables are none.
"""

from __future__ import annotations

import re

from .delimited import DelimitedWriter
from .document import Document, Inline, Style
from .guarding import unfenced
from .invisible import JOINER
from .urls import in_brackets, parts_of
from .writing import is_label_of

#: Signs that a backslash escapes, where they can begin or end something.
_SIGNS = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])|^\s*#")
#: What only an invisible sign in its middle keeps from being read as a link, a spoiler, an emoji.
_PAIRS = re.compile(r"(?<=\])(?=\()|(?<=\|)(?=\|)|(?<=<)(?=\w)|(?<=:)(?=[\w+-]+:)")
_LINE_START = re.compile(r"^(?=\s*(?:>|[-*]\s|\d+\.\s))")


def render(document: Document, *, limit: int) -> str:
    """Return a document as Rocket.Chat's Markdown; ``limit`` is in characters."""
    return _RocketWriter().render(document, limit)


class _RocketWriter(DelimitedWriter):
    block_gap = "\n"
    ringing = ("all", "here")
    delimiters = {Style.BOLD: "*", Style.ITALIC: "_", Style.STRIKE: "~"}

    def text(self, text: str) -> str:
        return "".join(part if is_url else _escaped(part) for part, is_url in parts_of(text))

    def around(self, sign: str, core: str, before: str, after: str) -> str:
        return core if _is_escaped(core) else super().around(sign, core, before, after)

    def code(self, text: str) -> str:
        return self.text(text) if "`" in text else f"`{text}`"

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        if is_label_of(url, children):
            return url
        label = " ".join(self.inlines(children).split("\n"))
        return f"{label} ({url})" if _is_escaped(label) else f"[{label}]({in_brackets(url)})"

    def paragraph(self, inner: str) -> str:
        return "\n".join(_LINE_START.sub(JOINER, line) for line in inner.split("\n"))

    def preformatted(self, text: str) -> str:
        return f"```\n{unfenced(text)}\n```"


def _escaped(text: str) -> str:
    return _SIGNS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", _PAIRS.sub(JOINER, text))


def _is_escaped(written: str) -> bool:
    return "\\" in written
