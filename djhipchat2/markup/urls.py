"""Addresses within a text, which services link by themselves and which no escaping may break."""

from __future__ import annotations

import re
from collections.abc import Iterator

_URL = re.compile(r"\bhttps?://[^\s<>\"'`\\|\[\]{}]*[^\s<>\"'`\\|\[\]{}.,;:!?()*_~]")


def parts_of(text: str) -> Iterator[tuple[str, bool]]:
    """Return a text's parts, each with whether it is an address."""
    done = 0
    for found in _URL.finditer(text):
        yield text[done : found.start()], False
        yield found[0], True
        done = found.end()
    yield text[done:], False


def in_brackets(url: str) -> str:
    """Return an address that can stand in round brackets."""
    return url.replace("(", "%28").replace(")", "%29")
