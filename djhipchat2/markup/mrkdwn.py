"""
Slack's mrkdwn.

Source: docs.slack.dev, "Formatting message text": ``&``, ``<`` and ``>`` are escaped as in html,
nothing else can be. So a sign that would begin an emphasis gets an invisible word joiner before it.
"""

from __future__ import annotations

import re
from html import escape

from .delimited import DelimitedWriter
from .document import Document, Inline, Style
from .guarding import guarded, unfenced
from .tables import BULLET
from .writing import Writer, is_label_of


def render(document: Document, *, limit: int) -> str:
    """Return a document as Slack's mrkdwn; ``limit`` is in characters."""
    return MrkdwnWriter().render(document, limit)


class MrkdwnWriter(DelimitedWriter):
    """Writes mrkdwn; Google Chat's is much the same."""

    block_gap = "\n"
    bullet = BULLET
    ringing = re.compile(r"(?<!\w)@(?:channel|everyone|here)\b", re.IGNORECASE)
    delimiters = {Style.BOLD: "*", Style.ITALIC: "_", Style.STRIKE: "~"}

    @property
    def within_quote(self) -> Writer:
        return _QuotedWriter()

    def text(self, text: str) -> str:
        return self.escaped(guarded(text))

    def escaped(self, text: str) -> str:
        return escape(text, quote=False)

    def around(self, sign: str, core: str, before: str, after: str) -> str:
        return core if sign in core else super().around(sign, core, before, after)

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        if is_label_of(url, children):
            return f"<{self.escaped(url)}>"
        label = " ".join(self.label(children).split("\n")).replace("|", "¦")
        return f"<{self.escaped(url)}|{label}>"

    def mention(self, name: str) -> str:
        return "<!channel>" if name == "all" else f"<!{name}>"

    def code(self, text: str) -> str:
        return self.silent(text) if "`" in text else f"`{self.escaped(text)}`"

    def preformatted(self, text: str) -> str:
        return f"```\n{self.escaped(unfenced(text))}\n```"


class _QuotedWriter(MrkdwnWriter):
    """Writes the inside of a quote, in which no fence begins."""

    def preformatted(self, text: str) -> str:
        return "\n".join(map(self.text, text.split("\n")))
