"""Counting what is asked of the database, or making it slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created


class Counter:
    """Counts the statements of all threads. A commit is none: Django sends it past the cursor."""

    def __init__(self) -> None:
        self.statements = 0
        self._lock = threading.Lock()

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        with self._lock:
            self.statements += 1
        return execute(*arguments)


@contextmanager
def counting() -> Iterator[Counter]:
    """Yield a counter of the statements of this process, whatever thread makes them."""
    counter = Counter()
    with wrapping(counter):
        yield counter


@contextmanager
def wrapping(wrapper: Callable[..., Any]) -> Iterator[None]:
    """Have each statement of this process go through a wrapper, whatever thread makes it."""

    def wrap(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(wrapper)

    # A new thread makes its connection anew; this one's is there.
    connections.close_all()
    connection_created.connect(wrap)
    try:
        yield
    finally:
        connection_created.disconnect(wrap)
        for connection in connections.all(initialized_only=True):
            if wrapper in connection.execute_wrappers:
                connection.execute_wrappers.remove(wrapper)


def slow(seconds: float) -> Callable[..., Any]:
    """Return a wrapper that lets each statement take so much longer, as a busy database does."""

    def wait(execute: Callable[..., Any], *arguments: Any) -> Any:
        time.sleep(seconds)
        return execute(*arguments)

    return wait
