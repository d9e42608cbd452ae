"""
Recording what came of attempts: messages, rooms, holds and the attempts themselves at once.

Every write asks for the lease's token: a worker whose room was taken over changes nothing. The
messages may be of many rooms, all leased by one run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from .. import bulk
from ..compiled import compiled
from ..models import ERROR_CHARACTERS, DeliveryAttempt, OutboundMessage
from ..states import FINAL, Status, Trigger
from . import allowance, clock, fallback, holds, retry
from .attempt import Attempt
from .holds import Gate
from .judging import Judged, Tried, judge
from .lease import Lease, LeaseLost, leased
from .marks import marked_by


def record(
    tried: Sequence[Tried], *, trigger: Trigger, under_way: Mapping[str, int] | None = None
) -> list[retry.Verdict]:
    """
    Write the outcomes of attempts, and what they mean for the rooms, in one transaction.

    Return the verdicts, in order. ``under_way`` says how many messages of each connection are not
    answered yet. Raise LeaseLost, having written nothing, if a room was taken over.
    """
    using = tried[0].lease.using
    gates = {part.gate.connection: part.gate for part in tried}.values()
    with holds.kept_on_error(gates), transaction.atomic(using=using):
        now = clock.reckoned(using)
        judged = [judge(part, now) for part in tried]
        _write_messages(judged, now)
        _write_rooms(judged, now)
        for part in judged:
            if part.is_recovery:
                continue
            results = [(attempt.result, verdict) for attempt, verdict in part.attempts]
            holds.apply(part.lease, part.gate, results, now, failures=part.failures)
        _learn_limits(judged, now, under_way or {})
        attempts = [
            _attempt_row(attempt, verdict, trigger, part.lease.owner)
            for part in judged
            for attempt, verdict in part.attempts
        ]
        bulk.insert(attempts, using, with_keys=False)
        fallback.write(
            (
                attempt.row
                for part in judged
                for attempt, verdict in part.attempts
                if verdict.status is Status.FAILED
            ),
            using=using,
        )
    for part in judged:
        part.lease.failures = part.failures
        for attempt, verdict in part.attempts:
            for name, value in _changes(attempt.row, verdict, now).items():
                setattr(attempt.row, name, value)
    return [verdict for part in judged for _, verdict in part.attempts]


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
    if verdict.status is Status.FAILED:
        fallback.write([row], using=str(row._state.db))


def _changes(row: OutboundMessage, verdict: retry.Verdict, now: datetime) -> dict[str, object]:
    """Return the columns that a verdict changes."""
    return {
        "status": verdict.status,
        "attempts": row.attempts if verdict.counted else row.attempts - 1,
        "error": verdict.error[:ERROR_CHARACTERS],
        "next_attempt_at": verdict.next_attempt_at,
        "held": verdict.held,
        "sent_at": now if verdict.status is Status.SENT else None,
        "finished_at": now if verdict.status in FINAL else None,
        "lease_token": "",
        "attempt_started_at": None,
        "modified": now,
    }


def _write_messages(judged: Sequence[Judged], now: datetime) -> None:
    """Write the rows: all that were sent with one statement, the others one by one."""
    lease = judged[0].lease
    sent: list[int] = []
    for part in judged:
        for attempt, verdict in part.attempts:
            row = attempt.row
            if verdict.status is Status.SENT:
                sent.append(row.pk)
                continue
            ours = marked_by(lease.token, lease.using).filter(pk=row.pk)
            if not ours.update(**_changes(row, verdict, now)):
                raise LeaseLost
    if sent and _write_sent(lease.using, lease.token, sent, now) < len(sent):
        raise LeaseLost


@compiled
def _write_sent(using: str, token: str, keys: list[int], now: datetime) -> int:
    # The number of attempts differs from row to row, and was counted when they were marked.
    changes = _changes(OutboundMessage(), retry.Verdict(Status.SENT, counted=True), now)
    del changes["attempts"]
    return marked_by(token, using).filter(pk__in=keys).update(**changes)


def _write_rooms(judged: Sequence[Judged], now: datetime) -> None:
    """Count what was sent, and what failed in a row; rooms that fared alike share a statement."""
    alike: dict[tuple[int, int], list[Lease]] = {}
    for part in judged:
        alike.setdefault((part.sent, part.failures), []).append(part.lease)
    for (sent, failures), leases in alike.items():
        first = leases[0]
        keys = [lease.room_pk for lease in leases]
        if _count(first.using, first.token, keys, sent, failures, now, sent > 0) < len(leases):
            raise LeaseLost


@compiled
def _count(
    using: str,
    token: str,
    keys: list[int],
    sent: int,
    failures: int,
    now: datetime,
    any_sent: bool,  # noqa: FBT001 - decides which statement it is
) -> int:
    changes: dict[str, object] = {"sent": F("sent") + sent, "failures": failures, "modified": now}
    if any_sent:
        changes["last_sent_at"] = now
    return leased(using, token, keys).update(**changes)


def _learn_limits(judged: Sequence[Judged], now: datetime, under_way: Mapping[str, int]) -> None:
    """Write down what the chats told of their limits, once a connection."""
    told: dict[str, tuple[Gate, list[Attempt]]] = {}
    for part in judged:
        _, attempts = told.setdefault(part.gate.connection, (part.gate, []))
        attempts += [attempt for attempt, _ in part.attempts]
    for connection, (gate, attempts) in told.items():
        allowance.learn(gate, attempts, now, under_way=under_way.get(connection, 0))


def _attempt_row(
    attempt: Attempt, verdict: retry.Verdict, trigger: Trigger, worker: str
) -> DeliveryAttempt:
    return bulk.new(
        DeliveryAttempt,
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
