"""What the dialects have in common that put signs around a text: ``*bold*``."""

from __future__ import annotations

from collections.abc import Mapping

from .document import Inline, Style, Styled, text_of
from .invisible import GAP
from .writing import Writer


class DelimitedWriter(Writer):
    """Writes styles as signs around each line, close to its first and last letter."""

    delimiters: Mapping[Style, str] = {}

    def inlines(self, inlines: tuple[Inline, ...]) -> str:
        written = ""
        for index, inline in enumerate(inlines):
            piece = self.inline(inline)
            if isinstance(inline, Styled):
                before = text_of(inlines[:index])[-1:]
                after = text_of(inlines[index + 1 :])[:1]
                piece = self.signed(inline.style, piece, before, after)
                # "**a**" and "*b*" next to each other would be read as one.
                if piece[:1] == written[-1:] and not piece[:1].isspace():
                    written += GAP
            written += piece
        return written

    def signed(self, style: Style, inner: str, before: str, after: str) -> str:
        """Return a text between signs; ``before`` and ``after`` are its neighbours."""
        sign = self.delimiters.get(style, "")
        if not sign:
            return inner
        lines = inner.split(self.line_end)
        befores = [before, *[""] * (len(lines) - 1)]
        afters = [*[""] * (len(lines) - 1), after]
        signed = (self._line(sign, *line) for line in zip(lines, befores, afters, strict=True))
        return self.line_end.join(signed)

    def _line(self, sign: str, line: str, before: str, after: str) -> str:
        core = line.strip()
        if not core:
            return line
        start = line.index(core)
        lead, trail = line[:start], line[start + len(core) :]
        return f"{lead}{self.around(sign, core, lead or before, trail or after)}{trail}"

    def around(self, sign: str, core: str, before: str, after: str) -> str:
        """Return a text within signs, apart from a letter next to them."""
        opening = GAP if before[-1:].isalnum() else ""
        closing = GAP if after[:1].isalnum() else ""
        return f"{opening}{sign}{core}{sign}{closing}"
