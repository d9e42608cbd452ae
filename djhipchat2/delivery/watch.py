"""A worker that goes on until it is asked to stop."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections
from django.db import connections as databases

from ..conf import settings
from . import engine, tables
from .crew import Crew
from .run import Run, Summary
from .stopping import Stop

logger = logging.getLogger(__name__)

#: Seconds between two flushes at least.
SHORTEST_WAIT = 0.05


def watch(
    make_run: Callable[[], Run],
    stop: Stop,
    *,
    interval: float,
    using: str | None = None,
    room_id: str | None = None,
    report: Callable[[Summary], None] = lambda _: None,
) -> None:
    """
    Flush every ``interval`` seconds until ``stop`` is set; report each flush that did something.

    The end of a hold is not waited past. A database that goes away is waited for; raise
    ImproperlyConfigured for one that lacks the outbox's tables, which waiting does not bring.
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
                tables.require_migrations(engine.database())
            if run.summary != Summary():
                report(run.summary)
            stop.wait(wait)


def _next_opening(interval: float) -> float:
    opening = engine.next_opening()
    return interval if opening is None else max(opening, SHORTEST_WAIT)
