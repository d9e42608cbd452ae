"""The log of requests never holds a token."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"
#: Names whose value is a token: hipchatter repeats it in the body as ``token``.
SECRET_NAMES = ("auth_token", "token")
AUTHORIZATION = "authorization"


class Redactor:
    """Replaces tokens in whatever a request says."""

    def __init__(self, tokens: Iterable[str]) -> None:
        spellings = {
            s for token in tokens if token for s in (token, quote(token), quote_plus(token))
        }
        # As whole words: a short token such as TOK must not eat a piece of TOKYO.
        words = "|".join(re.escape(word) for word in sorted(spellings, key=len, reverse=True))
        self._tokens = re.compile(
            rf"(?<![0-9A-Za-z])(?:{words})(?![0-9A-Za-z])" if words else r"(?!)"
        )

    def text(self, text: str) -> str:
        """Return a text without tokens."""
        return self._tokens.sub(HIDDEN, text)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
        """Return names and values without tokens."""
        return [
            [name, HIDDEN if name.lower() in SECRET_NAMES else self.text(value)]
            for name, value in pairs
        ]

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[list[str]]:
        """Return headers without tokens, known or not."""
        return [
            [name, f"{value.partition(' ')[0]} {HIDDEN}" if name.lower() == AUTHORIZATION else text]
            for name, value in headers
            for text in [self.text(value)]
        ]

    def json(self, value: Any) -> Any:
        """Return a JSON value without tokens."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.json(item) for item in value]
        if isinstance(value, dict):
            return {
                self.text(name): HIDDEN if name.lower() in SECRET_NAMES else self.json(item)
                for name, item in value.items()
            }
        return value
