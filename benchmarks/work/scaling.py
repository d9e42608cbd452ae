"""What the simulation has to be told: the costs of a visit to a room and of a message in it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.work.outbox import fill, flush
from benchmarks.work.statements import counting
from benchmarks.work.timing import delivered, settle


def cost_of_drain(*, messages: int, in_rooms: int) -> dict[str, Any]:
    """Deliver a backlog; return its time, statements and processor time here and in PostgreSQL."""
    fill(in_rooms, in_rooms)
    flush()
    fill(messages, in_rooms)
    settle()
    with counting() as counter:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (process,) = cursor.fetchone()
        counter.statements = 0
        before = _processor_seconds(process)
        measured = delivered(flush, messages)
        statements = counter.statements
        database = _processor_seconds(process) - before
    return {**measured, "statements": statements, "database_cpu": database}


def publish(*, broker: str, messages: int) -> dict[str, Any]:
    """Put small tasks into a broker's queue and take them out again; ``seconds`` is for both."""
    from kombu import Connection

    name = settings.CELERY_TASK_DEFAULT_QUEUE
    with Connection(broker, connect_timeout=3) as link:
        queue = link.SimpleQueue(name)
        started = time.perf_counter()
        for n in range(messages):
            queue.put(["default", f"Room {n:05}"])
        published = time.perf_counter() - started
        for _ in range(messages):
            queue.get(timeout=10).ack()
        seconds = time.perf_counter() - started
        queue.close()
        link.default_channel.queue_delete(name)
    return {"seconds": seconds, "published": published, "count": messages}


def _processor_seconds(process: int) -> float:
    """Return how long a process of this machine has used a processor."""
    # The name in the second field may have blanks; what follows its bracket has none.
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
