"""
Slack's mrkdwn.

Source: docs.slack.dev, "Formatting message text": ``&``, ``<`` and ``>`` are escaped as in html,
nothing else can be. So a sign that would begin an emphasis gets an invisible word joiner before it.
"""

from __future__ import annotations

from html import escape

from .delimited import DelimitedWriter
from .document import Document, Inline, Style
from .guarding import guarded, unfenced
from .tables import BULLET
from .writing import is_label_of


def render(document: Document, *, limit: int) -> str:
    """Return a document as Slack's mrkdwn; ``limit`` is in characters."""
    return MrkdwnWriter().render(document, limit)


class MrkdwnWriter(DelimitedWriter):
    """Writes mrkdwn; Google Chat's is much the same."""

    block_gap = "\n"
    bullet = BULLET
    ringing: tuple[str, ...] = ("channel", "everyone", "here")
    delimiters = {Style.BOLD: "*", Style.ITALIC: "_", Style.STRIKE: "~"}

    def text(self, text: str) -> str:
        return self.escaped(guarded(text))

    def escaped(self, text: str) -> str:
        return escape(text, quote=False)

    def link(self, url: str, children: tuple[Inline, ...]) -> str:
        if is_label_of(url, children):
            return f"<{self.escaped(url)}>"
        label = " ".join(self.inlines(children).split("\n")).replace("|", "¦")
        return f"<{self.escaped(url)}|{label}>"

    def mention(self, name: str) -> str:
        return "<!channel>" if name == "all" else f"<!{name}>"

    def code(self, text: str) -> str:
        return self.text(text) if "`" in text else f"`{self.escaped(text)}`"

    def preformatted(self, text: str) -> str:
        return f"```\n{self.escaped(unfenced(text))}\n```"
