"""Waiting for what other threads and processes do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Return as soon as the condition holds. Only a failure takes all of the ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(condition)
        threading.Event().wait(0.02)


def pause(seconds: float) -> None:
    """Let time pass. Only where its length is what is tested: a random instant, an outage."""
    threading.Event().wait(seconds)
