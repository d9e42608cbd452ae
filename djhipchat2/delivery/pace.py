"""How many messages to take at once, and with how many hands. Pure arithmetic."""

from __future__ import annotations

import math

#: Seconds of unrecorded answers that a window stays under, but for the message in hand.
WINDOW_SECONDS = 0.05
WINDOW_LARGEST = 128
#: Part of a core above which more hands only get in each other's way: the interpreter has one lock.
BUSY = 0.9
#: Part of a core below which the process waits more than it works.
IDLE = 0.8
_SHORTEST = 1e-6


class Pace:
    """How many messages of a connection fit a window, learnt from how fast the chat answers."""

    def __init__(self) -> None:
        self.size = 1

    def learn(self, seconds: float, messages: int) -> None:
        """Take as many next time as fit the window, at most twice as many as now."""
        fitting = int(WINDOW_SECONDS / max(seconds / messages, _SHORTEST))
        self.size = max(1, min(self.size * 2, fitting, WINDOW_LARGEST))


class Hands:
    """
    How many threads send at the same time.

    While the chat is slow each thread waits, and more of them send more. While it is fast they
    wait for the interpreter's lock instead, and fewer send more.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.number = 1

    def wait(self) -> None:
        """Take more: for the time of a window nothing has come back."""
        self.number = min(self.number * 2, self.most)

    def learn(self, *, waited: float, worked: float, elapsed: float) -> None:
        """
        Take more or fewer after some windows.

        ``waited`` are the seconds that their threads spent waiting, ``worked`` the seconds of
        processor time that the whole process used meanwhile, in ``elapsed`` seconds.
        """
        load = worked / max(elapsed, _SHORTEST)
        useful = math.ceil(waited / max(worked, _SHORTEST))
        if load > BUSY:
            self.number = max(1, self.number * 3 // 4)
        elif load < IDLE and useful > self.number:
            self.number = min(self.number * 2, useful, self.most)
