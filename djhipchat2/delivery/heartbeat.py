"""Signs of life: so that somebody can be told that nobody flushes the outbox."""

from __future__ import annotations

import socket
import time
from datetime import timedelta

from ..models import Heartbeat
from ..states import Trigger
from . import clock

#: Seconds between two signs of life of a process.
INTERVAL = 5.0
HOST_CHARACTERS = 100
#: Those who deliver for others; a sender who delivers its own message flushes nothing.
WORKERS = (Trigger.FLUSH, Trigger.TASK)

_last: dict[tuple[str, Trigger], float] = {}


def beat(using: str, kind: Trigger, worker: str) -> None:
    """Leave a worker's sign of life, unless this process has left one some seconds ago."""
    if kind not in WORKERS:
        return
    here = time.monotonic()
    last = _last.get((using, kind))
    if last is not None and here - last < INTERVAL:
        return
    _last[using, kind] = here
    now = clock.now(using)
    host = socket.gethostname()[:HOST_CHARACTERS]
    changes = {"worker": worker, "seen_at": now}
    rows = Heartbeat.objects.using(using).filter(kind=kind, host=host)
    if not rows.update(**changes):
        Heartbeat.objects.using(using).get_or_create(kind=kind, host=host, defaults=changes)


def forget_old(using: str, age: timedelta) -> None:
    """Delete the signs of hosts that have been silent for so long; they will not come back."""
    Heartbeat.objects.using(using).filter(seen_at__lt=clock.now(using) - age).delete()
