"""How many messages to take at once."""

from __future__ import annotations

import time

#: Seconds that a window takes at most, but for the message in hand.
WINDOW_SECONDS = 0.04
#: Seconds that its answers wait at most for those of others, to be recorded along with them. Both
#: together are what a worker that is killed leaves unrecorded.
GATHERING_SECONDS = 0.01
WINDOW_LARGEST = 128
#: Seconds after which a pace is forgotten: the chat may have become slow since.
REMEMBERED_SECONDS = 5.0
_SHORTEST = 1e-6


class Pace:
    """How many messages of a connection fit a window, learnt from how fast the chat answers."""

    def __init__(self) -> None:
        self.size = 1

    def learn(self, seconds: float, messages: int) -> None:
        """Take as many next time as fit the window, at most twice as many as now."""
        fitting = int(WINDOW_SECONDS / max(seconds / messages, _SHORTEST))
        self.size = max(1, min(self.size * 2, fitting, WINDOW_LARGEST))


class Paces:
    """
    The paces of this process's connections.

    They outlast a run: one that follows another soon, as a task does, need not learn them anew.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[Pace, float]] = {}

    def __getitem__(self, connection: str) -> Pace:
        pace, learnt_at = self._known.get(connection, (None, 0.0))
        now = time.monotonic()
        if pace is None or now - learnt_at > REMEMBERED_SECONDS:
            pace = Pace()
            self._known[connection] = pace, now
        return pace

    def learn(self, connection: str, seconds: float, messages: int) -> None:
        """Learn from a window of a connection."""
        pace = self[connection]
        pace.learn(seconds, messages)
        self._known[connection] = pace, time.monotonic()

    @property
    def largest(self) -> int:
        """The largest size of them all."""
        return max((self[connection].size for connection in list(self._known)), default=1)


paces = Paces()
