"""The threads of a worker. They speak to chats; the database is left to the thread that hired."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import TracebackType

from django.db import Error
from django.db import connections as databases

from .hands import LEARNING_SECONDS, SMOOTHING, Hands
from .pace import GATHERING_SECONDS, WINDOW_SECONDS
from .window import Window

#: Part of the hands whose windows are recorded together: that costs little more than one by one.
GATHERED = 1 / 6
#: Seconds that recording and marking take, about; so long the hands have other windows waiting.
AHEAD_SECONDS = 0.025


class Crew:
    """
    Delivers windows, as many at a time as the chats' pace asks for.

    With ``most`` being 1 there is no thread: a window is delivered while it is handed over.
    """

    def __init__(self, most: int) -> None:
        self._hands = Hands(most)
        self._under_way = 0
        self._lock = threading.Lock()
        self._at_work = 0
        self._waiting: deque[Callable[[], None]] = deque()
        self._done: SimpleQueue[Window] = SimpleQueue()
        self._pool = ThreadPoolExecutor(most, "djhipchat2") if most > 1 else None
        self._measured = (time.monotonic(), time.process_time())
        self._waited = self._busy = 0.0
        self._messages = 0
        self._usual = WINDOW_SECONDS
        """Seconds that a window takes."""

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    @property
    def free(self) -> int:
        """How many windows may be handed over now, some of which wait for a hand."""
        hands = self._hands.number
        if self._pool is None:
            return hands - self._under_way
        ahead = math.ceil(hands * min(0.5, AHEAD_SECONDS / max(self._usual, GATHERING_SECONDS)))
        return max(hands + ahead - self._under_way, 0)

    @property
    def under_way(self) -> int:
        """Windows that were handed over and have not come back."""
        return self._under_way

    def hand_over(
        self, window: Window, time_limit: Callable[[float], float], stop: Callable[[], bool]
    ) -> None:
        """Have a window delivered; ``finished()`` returns it."""
        self._under_way += 1

        def deliver() -> None:
            window.deliver(time_limit, stop)
            self._done.put(window)

        if self._pool is None:
            deliver()
            return
        with self._lock:
            self._waiting.append(deliver)
        self._put_to_work(self._pool)

    def _put_to_work(self, pool: ThreadPoolExecutor) -> None:
        """Have as many hands at work as there may be, if there is work for them."""
        with self._lock:
            new = max(min(self._hands.number - self._at_work, len(self._waiting)), 0)
            self._at_work += new
        for _ in range(new):
            pool.submit(self._work)

    def _work(self) -> None:
        """Deliver one window after another while there are some and no hand is too many."""
        while True:
            with self._lock:
                if not self._waiting or self._at_work > self._hands.number:
                    self._at_work -= 1
                    return
                deliver = self._waiting.popleft()
            _without_database(deliver)

    def finished(self) -> list[Window]:
        """
        Return the windows that have come back, as soon as there are some.

        Return none if all hands are waiting for chats, so that more of them are worth while.
        """
        windows: list[Window] = []
        can_grow = self._hands.number < self._hands.most
        try:
            windows.append(self._done.get(timeout=WINDOW_SECONDS if can_grow else None))
            until = time.monotonic() + GATHERING_SECONDS
            enough = GATHERED * min(self._hands.number, self._under_way)
            while len(windows) < enough:
                windows.append(self._done.get(timeout=max(until - time.monotonic(), 0)))
            while True:
                windows.append(self._done.get_nowait())
        except Empty:
            pass
        self._under_way -= len(windows)
        if windows:
            self._learn(windows)
        else:
            self._hands.wait()
        if self._pool is not None:
            self._put_to_work(self._pool)
        return windows

    def _learn(self, windows: list[Window]) -> None:
        for window in windows:
            self._usual += SMOOTHING * (window.seconds - self._usual)
        self._messages += sum(window.tried for window in windows)
        self._busy += sum(window.seconds for window in windows)
        self._waited += sum(window.seconds - window.worked for window in windows)
        here, worked = time.monotonic(), time.process_time()
        before, worked_before = self._measured
        if here - before < LEARNING_SECONDS:
            return  # too short a time to tell anything
        self._measured = here, worked
        self._hands.learn(
            messages=self._messages,
            busy=self._busy,
            waited=self._waited,
            worked=worked - worked_before,
            elapsed=here - before,
        )
        self._waited = self._busy = 0.0
        self._messages = 0


def _without_database(deliver: Callable[[], None]) -> None:
    """Deliver, and close what a project's own backend has opened in a thread of ours."""
    try:
        deliver()
    finally:
        for connection in databases.all(initialized_only=True):
            with suppress(Error):  # it is not used any more
                connection.close_if_unusable_or_obsolete()
