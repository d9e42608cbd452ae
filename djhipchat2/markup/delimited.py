"""What the dialects have in common that put signs around a text: ``*bold*``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import punctuation
from unicodedata import category

from .document import Inline, Style, Styled, text_of
from .invisible import GAP
from .writing import Writer


class DelimitedWriter(Writer):
    """Writes styles as signs around each line, close to its first and last letter."""

    delimiters: Mapping[Style, str] = {}
    #: What an emphasis within another is to take for its neighbour.
    inner_edge = ""

    def inlines(self, inlines: tuple[Inline, ...], edge: str = "") -> str:
        written = ""
        for inline, following, before, after in _neighbours(inlines, edge):
            if isinstance(inline, Styled):
                # "**a**" and "*b*" next to each other would be read as one.
                if written and written[-1] == self.delimiters.get(inline.style, GAP)[0]:
                    written += GAP
                    before = self.inner_edge
                if isinstance(following, Styled):
                    after = self.inner_edge
                inner = self.inlines(inline.children, self.inner_edge)
                written += self.signed(inline.style, inner, before, after)
            else:
                written += self.inline(inline)
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
        opening = GAP if may_be_letter(before[-1:]) else ""
        closing = GAP if may_be_letter(after[:1]) else ""
        return f"{opening}{sign}{core}{sign}{closing}"


def _neighbours(
    inlines: tuple[Inline, ...], edge: str
) -> Iterator[tuple[Inline, Inline | None, str, str]]:
    """Return each inline with the one behind it, the letter before it and the letter after it."""
    texts = [text_of((inline,)) for inline in inlines]
    afters = [edge]
    for text in reversed(texts):
        afters.append(text[:1] or afters[-1])
    before = edge
    for index, (inline, text) in enumerate(zip(inlines, texts, strict=True), 1):
        yield inline, inlines[index] if index < len(inlines) else None, before, afters[-index - 1]
        before = text[-1:] or before


def may_be_letter(character: str) -> bool:
    """Could a service take a character for a letter: is it neither space nor punctuation?"""
    return (
        character != ""
        and not character.isspace()
        and character not in punctuation
        and category(character)[0] != "P"
    )
