"""HipChat's rate limits: calls per token in 5 minutes, messages per room in a minute."""

from __future__ import annotations

import math
import time
from collections.abc import Hashable
from dataclasses import dataclass

from djhipchat2.gateway.protocol import Rate

TOKEN_SECONDS = 300
ROOM_SECONDS = 60
#: HipChat's figures by API version: hipchat.com/docs/api/rate_limiting (v1),
#: developer.atlassian.com "HipChat REST API rate limits" (v2). v1 had no limit per room.
TOKEN_LIMITS = {1: 100, 2: 500}
ROOM_LIMITS = {2: 30}


@dataclass(frozen=True)
class Limits:
    """What is enforced; None: nothing is."""

    token_per_5_minutes: dict[int, int] | None
    room_per_minute: dict[int, int] | None

    def as_json(self) -> dict[str, dict[int, int] | None]:
        """Return the figures by API version."""
        return {
            "token_per_5_minutes": self.token_per_5_minutes,
            "room_per_minute": self.room_per_minute,
        }


HIPCHAT = Limits(TOKEN_LIMITS, ROOM_LIMITS)
OFF = Limits(None, None)
#: Limits that nobody comes near: clients that obey what they are told are not held up.
FAR = Limits({1: 1_000_000, 2: 1_000_000}, {2: 1_000_000})
#: By what the command line calls them.
NAMED = {"hipchat": HIPCHAT, "far": FAR, "off": OFF}


class Windows:
    """Counts calls in windows that begin with their first call. For one thread at a time."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, tuple[int, int]] = {}

    def rate(self, key: Hashable, limit: int, seconds: int, *, enforced: bool, spend: bool) -> Rate:
        """Return where a limit stands; with ``spend``, after counting one call."""
        now = time.time()
        # A whole second, as in the header: whoever waits until then gets through.
        reset, used = self._windows.get(key, (0, 0))
        if reset <= now:
            reset, used = math.ceil(now + seconds), 0
        if not enforced:
            return Rate(limit, limit, reset)
        if not spend:
            return Rate(limit, max(limit - used, 0), reset)
        used += 1
        self._windows[key] = (reset, used)
        return Rate(limit, max(limit - used, 0), reset, is_exceeded=used > limit)
