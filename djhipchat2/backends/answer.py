"""A service's answer over HTTP, and what its status and its headers say."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from ..states import Outcome

#: Statuses besides 5xx that are worth another try (RFC 9110, RFC 8470, RFC 6585).
WORTH_ANOTHER_TRY = (408, 425, 429)
#: Seconds that no service can silence us for, whatever it answers.
LONGEST_HOLD = 86_400
#: A "time" below this is a number of seconds to go (both are seen: node-hipchatter).
EARLIEST_EPOCH = 1_000_000_000


@dataclass(frozen=True)
class Answer:
    """A service's answer."""

    status: int
    headers: Mapping[str, str]
    """By their names in small letters; see ``header()``."""
    text: str
    """The beginning of the body."""
    is_broken: bool = False
    """Did the body break off?"""

    def header(self, name: str) -> str:
        """Return a header, whatever the case of its name; empty without it."""
        return self.headers.get(name.lower(), "")

    def json(self) -> Any:
        """Return the body as JSON; None if it isn't."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @property
    def is_web_page(self) -> bool:
        """Is the body made for people, as from a login page or a wrong address?"""
        text = self.text.strip()
        kind = self.header("Content-Type").lower()
        return text.startswith("<") or ("html" in kind and bool(text) and self.json() is None)

    @property
    def outcome(self) -> Outcome:
        """What the status alone says."""
        if 200 <= self.status < 300:
            return Outcome.ACCEPTED
        if self.status >= 500 or self.status in WORTH_ANOTHER_TRY:
            return Outcome.UNAVAILABLE
        return Outcome.REJECTED

    def retry_after(self) -> float | None:
        """
        Return the seconds of ``Retry-After``, given as such or as a date; None without one.

        Source: RFC 9110, section 10.2.3.
        """
        value = self.header("Retry-After")
        seconds = number(value)
        if seconds is not None:
            return bounded(seconds)
        date = _timestamp(value)
        return None if date is None else bounded(date - self._now())

    def seconds_until(self, reset: float) -> float:
        """Return the seconds to go until a Unix time; a small number is that already."""
        return bounded(reset - self._now() if reset > EARLIEST_EPOCH else reset)

    def _now(self) -> float:
        """Return the time on the service's own clock, which its times refer to, if it is told."""
        date = _timestamp(self.header("Date"))
        return time.time() if date is None else date


def number(text: str) -> float | None:
    """Return a header's number; None if it has none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def bounded(seconds: float) -> float:
    """Return the seconds of a service's wish, between none and a day."""
    return min(max(seconds, 0), LONGEST_HOLD)


def _timestamp(text: str) -> float | None:
    """Return a date of HTTP as Unix time; None if it is none."""
    try:
        date = parsedate_to_datetime(text)
        # "-0000" makes a naive one; HTTP knows no time but GMT.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
