"""The threads of a worker. They speak to chats; the database is left to the thread that hired."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from types import TracebackType

from django.db import connections as databases

from .pace import WINDOW_SECONDS, Hands
from .window import Window


class Crew:
    """
    Delivers windows, as many at a time as the chats' pace asks for.

    With ``most`` being 1 there is no thread: a window is delivered while it is handed over.
    """

    def __init__(self, most: int) -> None:
        self._hands = Hands(most)
        self._under_way = 0
        self._done: SimpleQueue[Window] = SimpleQueue()
        self._pool = ThreadPoolExecutor(most, "djhipchat2") if most > 1 else None
        self._measured = (time.monotonic(), time.process_time())
        self._waited = 0.0

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    @property
    def free(self) -> int:
        """How many windows may be handed over now."""
        return max(self._hands.number - self._under_way, 0)

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
        else:
            self._pool.submit(_without_database, deliver)

    def finished(self) -> list[Window]:
        """
        Return the windows that have come back, as soon as there is one.

        Return none if all hands are waiting for chats, so that more of them are worth while.
        """
        windows: list[Window] = []
        can_grow = self._hands.number < self._hands.most
        try:
            windows.append(self._done.get(timeout=WINDOW_SECONDS if can_grow else None))
            while True:
                windows.append(self._done.get_nowait())
        except Empty:
            pass
        self._under_way -= len(windows)
        if windows:
            self._learn(windows)
        else:
            self._hands.wait()
        return windows

    def _learn(self, windows: list[Window]) -> None:
        self._waited += sum(window.seconds - window.worked for window in windows)
        here, worked = time.monotonic(), time.process_time()
        before, worked_before = self._measured
        if here - before < WINDOW_SECONDS:
            return  # too short a time to tell anything
        self._measured = here, worked
        self._hands.learn(waited=self._waited, worked=worked - worked_before, elapsed=here - before)
        self._waited = 0.0


def _without_database(deliver: Callable[[], None]) -> None:
    """Deliver, and close what a project's own backend has opened in a thread of ours."""
    try:
        deliver()
    finally:
        for connection in databases.all(initialized_only=True):
            connection.close_if_unusable_or_obsolete()
