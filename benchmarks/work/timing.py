"""Timing a piece of work, and checking that it was done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

from django.conf import settings
from django.db import connection


def timed(work: Callable[[], object], count: int) -> dict[str, Any]:
    """Do the work and return how long it took, and how much it was."""
    started, busy = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - started, time.process_time() - busy
    return {"seconds": seconds, "cpu_seconds": cpu, "count": count}


def asked(what: str) -> int:
    """Return a number that the chat server knows: ``count`` or ``peak``."""
    with urlopen(f"{settings.CHAT_URL}/{what}") as answer:
        return int(answer.read())


def delivered(work: Callable[[], object], count: int) -> dict[str, Any]:
    """
    Time work that sends so many messages; ``at_once`` of them were under way together at most.

    Raise RuntimeError if the server got another number.
    """
    before = asked("count")
    asked("peak")
    measured = timed(work, count)
    if (arrived := asked("count") - before) != count:
        message = f"The server got {arrived} messages, not {count}."
        raise RuntimeError(message)
    return {**measured, "at_once": asked("peak")}


def texts(count: int) -> list[str]:
    """Return so many different messages of about 80 characters."""
    return [
        f"Order <b>{n:07}</b> is paid; the parcel leaves the house tomorrow morning."
        for n in range(count)
    ]


def rooms(count: int) -> list[str]:
    """Return the names of so many rooms."""
    return [f"Room {n:05}" for n in range(count)]


def settle() -> None:
    """Bring the database to rest after much was written to it."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
