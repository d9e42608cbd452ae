"""Doing database work again where that is safe: after a deadlock, a lock, a lost connection."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from random import uniform
from typing import TypeVar

from django.db import InterfaceError, OperationalError
from django.db import connections as databases

logger = logging.getLogger(__name__)

Done = TypeVar("Done")

FIRST_WAIT = 0.02
LONGEST_WAIT = 1.0


def patiently(work: Callable[[], Done], *, using: str, seconds: float) -> Done:
    """
    Return what ``work()`` returns, trying for so many seconds while the database is in trouble.

    ``work`` must be harmless to repeat, also where a commit went through and its confirmation was
    lost. Raise the last OperationalError or InterfaceError when the time is up, and the first one
    inside a transaction, which the trouble has ended.
    """
    deadline = time.monotonic() + seconds
    wait = FIRST_WAIT
    while True:
        try:
            return work()
        except (InterfaceError, OperationalError) as error:
            if databases[using].in_atomic_block or time.monotonic() + wait > deadline:
                raise
            logger.warning("The database is in trouble (%s); trying again.", type(error).__name__)
            databases[using].close_if_unusable_or_obsolete()
            # A deadlock's partners must not come back together.
            time.sleep(uniform(wait / 2, wait))  # noqa: S311 - chance, not a secret
            wait = min(wait * 2, LONGEST_WAIT)
