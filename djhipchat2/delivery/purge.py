"""Deleting what is over and old, a little at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction

from ..models import OutboundMessage
from ..querysets import OutboundMessageQuerySet
from ..states import FINAL, Status
from . import clock, heartbeat

#: After so long without a sign of life a worker's host is taken for gone.
SILENT = timedelta(days=30)


def purgeable(
    using: str, older_than: timedelta, statuses: Iterable[Status] = FINAL
) -> OutboundMessageQuerySet:
    """
    Return the final messages that came to their end longer ago than ``older_than``.

    A status that is not final matches nothing, whatever is asked for.
    """
    wanted = [status for status in FINAL if status in set(statuses)]
    limit = clock.now(using) - older_than
    return OutboundMessage.objects.using(using).filter(status__in=wanted, finished_at__lte=limit)


def purge(
    rows: OutboundMessageQuerySet,
    *,
    batch_size: int,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """
    Delete rows with their attempts, ``batch_size`` in a transaction, and return how many.

    Short transactions let senders in between; ``progress`` is told the number so far after each.
    Signs of life of hosts that are gone are deleted, too.
    """
    deleted = 0
    while not stop():
        keys = list(
            rows.order_by("status", "finished_at").values_list("pk", flat=True)[:batch_size]
        )
        if not keys:
            break
        # By their keys alone: what is final stays so, and a condition on an index would have
        # MariaDB lock the gaps that senders insert into.
        batch = OutboundMessage.objects.using(rows.db).filter(pk__in=keys)
        with transaction.atomic(using=rows.db):
            _, by_model = batch.delete()
        deleted += by_model.get(OutboundMessage._meta.label, 0)
        progress(deleted)
    heartbeat.forget_old(rows.db, SILENT)
    return deleted
