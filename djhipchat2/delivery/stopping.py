"""Asking a worker to stop between two messages."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType


class Stop:
    """
    Says whether to stop; can be waited for.

    Unlike ``threading.Event`` it may be set by a signal handler: that of an Event waits for ever
    if the signal comes while the same thread is about to wait, and has the Event's lock.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._bell: SimpleQueue[None] = SimpleQueue()  # whose put() never waits for its get()

    def is_set(self) -> bool:
        """Has somebody asked?"""
        return self._is_set

    def set(self) -> None:
        """Ask."""
        self._is_set = True
        self._bell.put(None)

    def wait(self, seconds: float) -> None:
        """Return after so many seconds, or as soon as somebody asks."""
        if not self._is_set:
            with suppress(Empty):
                self._bell.get(timeout=seconds)


@contextmanager
def stop_on(*numbers: signal.Signals) -> Iterator[Stop]:
    """
    Yield what these signals set, so that the message in hand is finished.

    A second SIGINT interrupts at once. Outside the main thread signals are left alone.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    former = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def stop_on_signals() -> AbstractContextManager[Stop]:
    """Stop as whoever runs a command asks for it: by SIGTERM or SIGINT."""
    return stop_on(signal.SIGTERM, signal.SIGINT)
