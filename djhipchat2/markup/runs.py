"""
Inlines laid out flat: leaves, each with the styles and the link that it stands in.

Html may nest and overlap as it likes: a paragraph inside a bold text, bold in bold, a link around
two paragraphs. As flat runs all of that is the same, and the tree that is built from them has each
style once, around as much as it can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from .document import Code, Emoticon, Image, Inline, LineBreak, Link, Mention, Style, Styled, Text

Leaf = Text | LineBreak | Code | Image | Mention | Emoticon

#: What html shows as one space; a no-break space is none of them.
_SPACES = re.compile(r"[ \t\n\r\f]+")


@dataclass(frozen=True)
class Run:
    """A leaf and what it stands in."""

    leaf: Leaf
    styles: frozenset[Style] = frozenset()
    url: str = ""


def tree_of(runs: Iterable[Run]) -> tuple[Inline, ...]:
    """Return the inlines of runs whose white space is that of html: collapsed, cut at the ends."""
    return nested(_collapsed(list(runs)))


def nested(runs: Iterable[Run]) -> tuple[Inline, ...]:
    """Return the inlines of runs: links around styles, styles in the order of ``Style``."""
    return tuple(_links(runs))


def _links(runs: Iterable[Run]) -> Iterator[Inline]:
    for url, group in groupby(runs, key=lambda run: run.url):
        inner = _styled(list(group), list(Style))
        if url:
            yield Link(url, tuple(inner))
        else:
            yield from inner


def _styled(runs: list[Run], styles: list[Style]) -> Iterator[Inline]:
    if not styles:
        yield from _merged(run.leaf for run in runs)
        return
    style, rest = styles[0], styles[1:]
    inside: Callable[[Run], bool] = lambda run: style in run.styles  # noqa: E731
    for is_inside, group in groupby(runs, key=inside):
        inner = _styled(list(group), rest)
        if is_inside:
            yield Styled(style, tuple(inner))
        else:
            yield from inner


def _merged(leaves: Iterable[Leaf]) -> Iterator[Leaf]:
    for is_text, group in groupby(leaves, key=lambda leaf: isinstance(leaf, Text)):
        if is_text:
            yield Text("".join(leaf.text for leaf in group if isinstance(leaf, Text)))
        else:
            yield from group


def _collapsed(runs: list[Run]) -> list[Run]:
    """Return the runs with white space as a browser shows it."""
    shown: list[Run] = []
    for run in runs:
        if isinstance(run.leaf, LineBreak):
            _cut_end(shown)
        elif isinstance(run.leaf, Text | Code):
            text = _SPACES.sub(" ", run.leaf.text)
            if _ends_in_space(shown):
                text = text.removeprefix(" ")
            if not text:
                continue
            run = replace(run, leaf=replace(run.leaf, text=text))
        shown.append(run)
    _cut_end(shown)
    while shown and isinstance(shown[-1].leaf, LineBreak):  # browsers show no line after the last
        shown.pop()
        _cut_end(shown)
    return shown


def _ends_in_space(shown: list[Run]) -> bool:
    """Would a space be one too many: after another, after a line break, at the beginning?"""
    if not shown:
        return True
    leaf = shown[-1].leaf
    return isinstance(leaf, LineBreak) or (
        isinstance(leaf, Text | Code) and leaf.text.endswith(" ")
    )


def _cut_end(shown: list[Run]) -> None:
    """Take a space off the end."""
    if shown and isinstance(leaf := shown[-1].leaf, Text) and leaf.text.endswith(" "):
        text = leaf.text[:-1]
        shown[-1:] = [replace(shown[-1], leaf=Text(text))] if text else []
