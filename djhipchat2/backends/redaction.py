"""Cutting secrets out of text that people will read."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, quote_plus

REPLACEMENT = "***"


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return the text without the secrets, in plain and in URL-encoded spelling."""
    for secret in secrets:
        if secret:
            for spelling in {secret, quote(secret, safe=""), quote_plus(secret)}:
                text = text.replace(spelling, REPLACEMENT)
    return text
