"""
What tasks do, whoever runs them: Celery, beat or Django's Tasks framework.

When a message is due stands in its row alone. A task that is put off is only a hint at it: one that
comes early, late or twice finds nothing to do, for three short queries, and one that gets lost is
replaced by the next flush.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from .delivery import engine
from .delivery.purge import purge, purgeable
from .delivery.run import Run, Summary
from .states import FINAL, Status, Trigger

logger = logging.getLogger(__name__)

#: Seconds after which a task leaves the rest of its room to another, so that other rooms get their
#: turn and a worker that is asked to stop can do so. RabbitMQ takes a task for lost after half an
#: hour (``consumer_timeout``), Redis after an hour (``visibility_timeout``).
ROOM_SECONDS = 20.0
#: Seconds that a flush works at most, so that it is over when the next one comes a minute later.
FLUSH_SECONDS = 50.0
#: Most seconds that a task is put off. Redis hands one out again that has not been done within its
#: visibility timeout, and RabbitMQ closes the channel of a worker that keeps one for longer than
#: its consumer timeout; both count the waiting, too. What is due later is looked at once more.
LONGEST_HINT = 300.0
SHORTEST_HINT = 0.1
#: Seconds until a room is looked at again whose messages are due and which somebody else has.
BUSY_HINT = 5.0
LONGEST_DAYS = 36_500


def deliver_room(
    connection: str, room_id: str, *, again: bool = False, stop: Callable[[], bool] = lambda: False
) -> float | None:
    """
    Deliver what is due in a room; return the seconds after which to look again, None: need not.

    The task whose attempt failed asks for another one, and so does that one (``again``) for as long
    as anything waits. Others do not: else each message that is sent while an older one waits for
    its next attempt would leave one more task that looks again and again.
    """
    started = time.monotonic()

    def over() -> bool:
        return stop() or time.monotonic() - started > ROOM_SECONDS

    summary = engine.deliver_room(connection, room_id, Run(Trigger.TASK, stop=over))
    if not (again or summary.retried or over()):
        return None
    delay = engine.next_due(connection, room_id)
    if delay is None:
        return None
    shortest = SHORTEST_HINT if summary.attempts else BUSY_HINT
    return min(max(delay, shortest), LONGEST_HINT)


def flush_outbox(*, stop: Callable[[], bool] = lambda: False) -> Summary:
    """Deliver what is due in every room, for a minute at most; what is left is the next flush's."""
    started = time.monotonic()
    run = Run(Trigger.FLUSH, stop=lambda: stop() or time.monotonic() - started > FLUSH_SECONDS)
    summary = engine.flush(run)
    if summary != Summary():
        logger.info("The outbox was flushed: %s", summary)
    return summary


def purge_outbox(
    *,
    older_than_days: float,
    statuses: Iterable[str],
    batch_size: int,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """
    Delete messages that came to their end long ago, and return how many.

    Raise ValueError for an argument that cannot be meant.
    """
    wanted = [status.value for status in FINAL]
    chosen = list(statuses) or wanted
    for status in chosen:
        if status not in wanted:
            message = f"statuses has {status!r}; use some of {', '.join(wanted)}."
            raise ValueError(message)
    if not _is_number(older_than_days) or not 0 <= older_than_days <= LONGEST_DAYS:
        message = f"older_than_days is {older_than_days!r}; use a number from 0 to {LONGEST_DAYS}."
        raise ValueError(message)
    if not _is_number(batch_size) or batch_size != int(batch_size) or batch_size < 1:
        message = f"batch_size is {batch_size!r}; use a whole number from 1."
        raise ValueError(message)
    rows = purgeable(
        engine.database(), timedelta(days=older_than_days), [Status(status) for status in chosen]
    )
    deleted = purge(rows, batch_size=int(batch_size), stop=stop)
    logger.info("%d messages were deleted from the outbox.", deleted)
    return deleted


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
