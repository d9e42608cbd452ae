"""A worker that goes on until it is asked to stop."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import InterfaceError, OperationalError, close_old_connections
from django.db import connections as databases

from ..conf import settings
from . import engine
from .crew import Crew
from .run import Run, Summary

logger = logging.getLogger(__name__)

#: Seconds between two flushes at least.
SHORTEST_WAIT = 0.05


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """
    Yield an event that SIGTERM and SIGINT set, so that the message in hand is finished.

    A second SIGINT interrupts at once. Outside the main thread signals are left alone.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(number: int, frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    former = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def watch(
    make_run: Callable[[], Run],
    stop: threading.Event,
    *,
    interval: float,
    using: str | None = None,
    room_id: str | None = None,
    report: Callable[[Summary], None] = lambda _: None,
) -> None:
    """
    Flush every ``interval`` seconds until ``stop`` is set; report each flush that did something.

    The end of a hold is not waited past. A database that goes away is waited for.
    """
    with Crew(settings.threads) as crew:
        while not stop.is_set():
            close_old_connections()
            run = make_run()
            wait = interval
            try:
                engine.flush(run, using=using, room_id=room_id, crew=crew)
                wait = min(interval, _next_opening(interval))
            except (InterfaceError, OperationalError) as error:
                logger.warning("The database is away (%s); trying again.", type(error).__name__)
                databases.close_all()
            if run.summary != Summary():
                report(run.summary)
            stop.wait(wait)


def _next_opening(interval: float) -> float:
    opening = engine.next_opening()
    return interval if opening is None else max(opening, SHORTEST_WAIT)
