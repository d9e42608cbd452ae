"""With how many hands to send. Pure arithmetic."""

from __future__ import annotations

import math

#: Part of a core above which more hands only get in each other's way: the interpreter has one lock.
BUSY = 0.9
#: Part of a core below which the process waits more than it works.
IDLE = 0.8
#: Seconds that are looked at together, to see how many hands are of use.
LEARNING_SECONDS = 0.05
#: Part of their time that hands have something in hand, above which one more would have it, too.
FULLY_USED = 0.97
#: The same, below which one fewer would do as much.
POORLY_USED = 0.85
#: Seconds for an answer below which it is the processor rather than the chat that hands wait for.
QUICK = 0.005
#: Part of what more hands could do more at best that they have to do then, to be kept.
WORTH_WHILE = 0.3
#: Seconds after which it shows whether they do.
TRIAL_SECONDS = 0.1
#: Seconds for which no more are taken after it has shown that they do not.
CONTENT_SECONDS = 2.0
#: Times in a row that nothing may have come back all the same.
PATIENT = 3
#: How much of a new figure goes into the one that is kept.
SMOOTHING = 0.35
_EXPECTED = 0.9


class Hands:
    """
    How many threads send at the same time.

    While the chat is slow each thread waits, and more of them send more. While it is fast they
    wait for the interpreter's lock instead, and fewer send more. A thread that waits for a
    processor looks as if it waited for a chat; so where answers are quick, more hands are kept
    only if they get more done.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.number = 1
        self._former: tuple[int, float] | None = None
        """How many there were before the last were taken, and the rate of these."""
        self._content = 0.0
        self._waits = 0
        self._answer = QUICK
        """Seconds that an answer takes."""
        self._begin()

    def _begin(self) -> None:
        """Forget what was learnt of another number of hands."""
        self._used = _EXPECTED
        self._is_new = True
        self._messages, self._seconds = 0.0, 0.0

    @property
    def _rate(self) -> float:
        return self._messages / self._seconds if self._seconds else 0.0

    def wait(self) -> None:
        """Take more: for the time of a window nothing has come back."""
        self._waits += 1
        if not self._content or self._waits >= PATIENT:
            self._try(min(self.number * 2, self.most))

    def _change(self, number: int) -> None:
        if number != self.number:
            self.number = number
            self._begin()

    def learn(
        self, *, messages: int, busy: float, waited: float, worked: float, elapsed: float
    ) -> None:
        """
        Take more or fewer after some windows.

        ``busy`` are the seconds that their threads had a window in hand, ``waited`` those of them
        that they spent waiting, ``worked`` the seconds of processor time that the whole process
        used meanwhile, in ``elapsed`` seconds, for so many messages.
        """
        self._waits = 0
        self._content = max(self._content - elapsed, 0.0)
        if self._is_new:
            self._is_new = False  # the new ones have not come back yet
            return
        self._messages += messages
        self._seconds += elapsed
        self._answer += SMOOTHING * (busy / max(messages, 1) - self._answer)
        self._used += SMOOTHING * (busy / elapsed / self.number - self._used)
        if worked / elapsed > BUSY:
            self._former = None
            self._change(max(1, self.number * 3 // 4))
        elif self._former is not None:
            self._judge(*self._former)
        elif worked / elapsed < IDLE and not self._content and self._used > POORLY_USED:
            self._grow(min(math.ceil(waited / max(worked, elapsed / 1_000)), self.most))
        elif self._used < POORLY_USED:
            self._change(max(1, self.number - self.number // 8))

    def _grow(self, useful: int) -> None:
        """Take more, as far as they would find something to wait for; and see what they do."""
        number = self.number
        if useful >= 2 * number:
            number = max(2 * number, useful // 2)
        elif useful > number and self._used > FULLY_USED:
            number = min(number + max(1, number // 8), useful)
        if number > self.number:
            self._try(number)

    def _try(self, number: int) -> None:
        if self._answer < QUICK:
            self._former = self._former or (self.number, self._rate)
        self._change(number)

    def _judge(self, number: int, rate: float) -> None:
        """Keep the hands that were taken last, if they do more than those before them."""
        growth = self.number / number - 1
        if self._seconds < TRIAL_SECONDS / min(growth, 1.0):
            return
        self._former = None
        if self._rate < rate * (1 + growth * WORTH_WHILE):
            self._change(number)
            self._content = CONTENT_SECONDS
