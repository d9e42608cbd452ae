"""
Rocket.Chat's Markdown, as its message parser reads it.

Source: the npm package ``@rocket.chat/message-parser``. A backslash escapes a few signs, but
neither in an emphasis nor in a link's label; lists are not nested, tables are none.
"""

from __future__ import annotations

import re

from .delimited import DelimitedWriter
from .document import Document, Inline, Style, text_of
from .guarding import unfenced
from .invisible import GAP, JOINER
from .mentions import silenced
from .urls import in_brackets, parts_of
from .writing import Writer, is_label_of

#: Signs that a backslash escapes, where they can begin or end something.
_SIGNS = re.compile(r"[*~`]|(?<![^\W_])_|_(?![^\W_])|^\s*#")
#: What only an invisible sign in its middle keeps from being read as a link, a spoiler, an emoji.
_PAIRS = re.compile(r"(?<=\])(?=\()|(?<=\|)(?=\|)|(?<=<)(?=\w)|(?<=:)(?=[\w+-]+:)")
_NAME = re.compile(r"[@#]\S*$")
_NO_LABEL = re.compile(r"[|<>*_~`\\]|^$")
_LINE_START = re.compile(r"^(?=\s*(?:>|[-*]\s|\d+\.\s))")


def render(document: Document, *, limit: int) -> str:
    """Return a document as Rocket.Chat's Markdown; ``limit`` is in characters."""
    return _RocketWriter().render(document, limit)


class _RocketWriter(DelimitedWriter):
    block_gap = "\n"
    ringing = re.compile(r"(?<!\w)@(?:all|here)\b", re.IGNORECASE)
    delimiters = {Style.BOLD: "*", Style.ITALIC: "_", Style.STRIKE: "~"}

    @property
    def within_quote(self) -> Writer:
        return _QuotedWriter()

    def text(self, text: str) -> str:
        return "".join(part if is_url else _escaped(part) for part, is_url in parts_of(text))

    def around(self, sign: str, core: str, before: str, after: str) -> str:
        if _is_escaped(core):
            return core
        opening = GAP if before.strip() else ""
        closing = GAP if after.strip() else ""
        # A name may end in "_": the sign would be taken into the mention.
        inner = GAP if sign == "_" and _NAME.search(core) else ""
        return f"{opening}{sign}{core}{inner}{sign}{closing}"

    def code(self, text: str) -> str:
        return self.silent(text) if "`" in text else f"`{text}`"

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        if is_label_of(url, children):
            return url.removeprefix("mailto:")
        # Not "[label](address)": brackets of the text before it would be taken into the label.
        label = " ".join(silenced(text_of(children), self.ringing).split())
        if _NO_LABEL.search(label):
            return f"{self.text(label)} ({url})"
        return f"<{in_brackets(url)}|{label}>"

    def paragraph(self, inner: str) -> str:
        return "\n".join(_LINE_START.sub(JOINER, line) for line in inner.split("\n"))

    def preformatted(self, text: str) -> str:
        return f"```\n{unfenced(text)}\n```"


class _QuotedWriter(_RocketWriter):
    """Writes the inside of a quote, in which no fence begins."""

    def preformatted(self, text: str) -> str:
        return "\n".join(map(self.text, text.split("\n")))


def _escaped(text: str) -> str:
    return _SIGNS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", _PAIRS.sub(JOINER, text))


def _is_escaped(written: str) -> bool:
    return "\\" in written
