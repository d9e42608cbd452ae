"""
Marking messages as being sent, and recording what came of it.

Every write asks for the lease's token: a worker whose room was taken over changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F

from ..backends.base import Result
from ..models import ERROR_CHARACTERS, DeliveryAttempt, OutboundMessage
from ..querysets import OutboundMessageQuerySet
from ..states import FINAL, Outcome, Status, Trigger
from . import clock, holds, retry
from .attempt import Attempt
from .lease import Lease, LeaseLost


def mark(lease: Lease, rows: Sequence[OutboundMessage], now: datetime) -> list[OutboundMessage]:
    """
    Mark queued rows as being sent and return those that were still queued, in order.

    A row that was cancelled meanwhile is left out. None is marked if the lease is lost or the room
    or its connection was put on hold.
    """
    keys = [row.pk for row in rows]
    queued = _rows(lease).queued().filter(Exists(lease.room().open(now)), pk__in=keys)
    if not lease.probing:
        queued = queued.exclude(
            Exists(holds.of_connection(lease.using, lease.connection).held(now))
        )
    marked = queued.update(
        status=Status.SENDING,
        attempts=F("attempts") + 1,
        lease_token=lease.token,
        attempt_started_at=now,
        modified=now,
    )
    if marked == len(rows):
        ours = list(rows)
    else:
        left = set(_ours(lease).filter(pk__in=keys).values_list("pk", flat=True))
        ours = [row for row in rows if row.pk in left]
    for row in ours:
        row.attempts += 1
    return ours


def unmark(lease: Lease, rows: Sequence[OutboundMessage]) -> None:
    """Put rows back that were marked and not tried, with their attempt refunded."""
    if rows:
        _ours(lease).filter(pk__in=[row.pk for row in rows]).update(
            status=Status.QUEUED,
            attempts=F("attempts") - 1,
            lease_token="",
            attempt_started_at=None,
        )


def record(
    lease: Lease, attempts: Sequence[Attempt], *, trigger: Trigger, policy: retry.Policy
) -> list[retry.Verdict]:
    """
    Write the outcomes of attempts, and what they mean for the room, in one transaction.

    Return the verdicts, in order. Raise LeaseLost, having written nothing, if the room was taken
    over.
    """
    with transaction.atomic(using=lease.using):
        now = clock.now(lease.using)
        verdicts = [
            retry.judge(attempt.result, attempts=attempt.row.attempts, now=now, policy=policy)
            for attempt in attempts
        ]
        judged = list(zip(attempts, verdicts, strict=True))
        tries = [
            _attempt_row(attempt, verdict, trigger, lease.owner) for attempt, verdict in judged
        ]
        _write_messages(lease, judged, now)
        _write_room(lease, judged, now)
        results = [(attempt.result, verdict) for attempt, verdict in judged]
        holds.apply(lease, results, now, policy)
        DeliveryAttempt.objects.using(lease.using).bulk_create(tries)
    return verdicts


def record_at_once(attempt: Attempt, worker: str, policy: retry.Policy, now: datetime) -> None:
    """Write the outcome of a message that was delivered in its sender's own transaction."""
    row = attempt.row
    row.attempts = 1
    verdict = retry.judge(attempt.result, attempts=1, now=now, policy=policy)
    tried = _attempt_row(attempt, verdict, Trigger.IMMEDIATE, worker)
    changes = _changes(row, verdict, now)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    tried.save(using=row._state.db)


def expire(rows: OutboundMessageQuerySet, now: datetime) -> int:
    """Give queued rows the final status ``expired`` if their time is over; return how many."""
    return rows.overdue_to_expire(now).update(
        status=Status.EXPIRED,
        error="It was still queued when it expired.",
        finished_at=now,
        next_attempt_at=None,
        modified=now,
    )


def recover(lease: Lease, *, trigger: Trigger, policy: retry.Policy) -> int:
    """
    Bring back the rows that a vanished worker left as being sent; return how many.

    Nobody knows whether the chat took them, so the outcome is *unknown*. The attempt counts: a
    message that kills its workers comes to its limit here.
    """
    rows = list(
        _rows(lease).filter(status=Status.SENDING).exclude(lease_token=lease.token).order_by("pk")
    )
    if not rows:
        return 0
    former = lease.former_owner or "A worker"
    result = Result(Outcome.UNKNOWN, error=f"{former} vanished before it recorded an outcome.")
    with transaction.atomic(using=lease.using):
        taken = (
            _rows(lease)
            .filter(Exists(lease.room()), pk__in=[row.pk for row in rows], status=Status.SENDING)
            .update(lease_token=lease.token)
        )
        if not taken:
            raise LeaseLost(lease.room_id)
        record(
            lease,
            [Attempt(row, result, row.attempt_started_at or row.modified, None) for row in rows],
            trigger=trigger,
            policy=policy,
        )
    return len(rows)


def _rows(lease: Lease) -> OutboundMessageQuerySet:
    return OutboundMessage.objects.using(lease.using).in_room(lease.connection, lease.room_id)


def _ours(lease: Lease) -> OutboundMessageQuerySet:
    return OutboundMessage.objects.using(lease.using).filter(
        status=Status.SENDING, lease_token=lease.token
    )


def _changes(row: OutboundMessage, verdict: retry.Verdict, now: datetime) -> dict[str, object]:
    """Return the columns that a verdict changes."""
    final = verdict.status in FINAL
    return {
        "status": verdict.status,
        "attempts": row.attempts if verdict.counted else row.attempts - 1,
        "error": verdict.error[:ERROR_CHARACTERS],
        "next_attempt_at": verdict.next_attempt_at,
        "sent_at": now if verdict.status is Status.SENT else None,
        "finished_at": now if final else None,
        "lease_token": "",
        "attempt_started_at": None,
        "modified": now,
    }


def _write_messages(
    lease: Lease, judged: Sequence[tuple[Attempt, retry.Verdict]], now: datetime
) -> None:
    """Write the rows: all that were sent with one statement, the others one by one."""
    sent = [attempt.row for attempt, verdict in judged if verdict.status is Status.SENT]
    if sent:
        changes = _changes(sent[0], retry.Verdict(Status.SENT, counted=True), now)
        del changes["attempts"]  # differs from row to row, and was counted when it was marked
        _write(lease, [row.pk for row in sent], changes)
    for attempt, verdict in judged:
        changes = _changes(attempt.row, verdict, now)
        if verdict.status is not Status.SENT:
            _write(lease, [attempt.row.pk], changes)
        for name, value in changes.items():
            setattr(attempt.row, name, value)


def _write(lease: Lease, keys: Sequence[int], changes: dict[str, object]) -> None:
    if not _ours(lease).filter(pk__in=keys).update(**changes):
        raise LeaseLost(lease.room_id)


def _write_room(
    lease: Lease, judged: Sequence[tuple[Attempt, retry.Verdict]], now: datetime
) -> None:
    """Count what was sent, and what failed in a row."""
    sent = sum(verdict.status is Status.SENT for _, verdict in judged)
    for attempt, verdict in judged:
        if attempt.result.outcome in holds.ANSWERED:
            lease.failures = 0
        elif verdict.counted:
            lease.failures += 1
    changes: dict[str, object] = {"failures": lease.failures, "modified": now}
    if sent:
        changes |= {"sent": F("sent") + sent, "last_sent_at": now}
    lease.update(**changes)


def _attempt_row(
    attempt: Attempt, verdict: retry.Verdict, trigger: Trigger, worker: str
) -> DeliveryAttempt:
    return DeliveryAttempt(
        message_id=attempt.row.pk,
        number=attempt.row.attempts,
        counted=verdict.counted,
        trigger=trigger,
        worker=worker,
        started_at=attempt.started_at,
        duration_ms=None if attempt.seconds is None else round(attempt.seconds * 1000),
        http_status=attempt.result.http_status,
        outcome=attempt.result.outcome,
        error=attempt.result.error[:ERROR_CHARACTERS],
        answer=attempt.result.answer,
        next_attempt_at=verdict.next_attempt_at,
    )
