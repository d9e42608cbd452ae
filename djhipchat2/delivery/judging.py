"""Attempts of a room, and what follows from each for its message and for the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..states import Status
from . import holds, retry
from .attempt import Attempt
from .holds import Gate
from .lease import Lease


@dataclass(frozen=True)
class Tried:
    """A room's attempts, to be recorded together."""

    lease: Lease
    gate: Gate
    attempts: Sequence[Attempt]
    is_recovery: bool = False
    """Did a worker that vanished begin them? That tells nothing of the chat."""


@dataclass(frozen=True)
class Judged:
    """The same with what follows from each."""

    lease: Lease
    gate: Gate
    attempts: Sequence[tuple[Attempt, retry.Verdict]]
    is_recovery: bool

    @property
    def sent(self) -> int:
        """How many were accepted."""
        return sum(verdict.status is Status.SENT for _, verdict in self.attempts)

    @property
    def failures(self) -> int:
        """
        Failures in a row in the room after these attempts.

        What a vanished worker had in hand is one at most, however much it was: enough for one
        message at a time, in case that one of them kills workers, and too little for a hold.
        """
        failures = self.lease.failures
        if self.is_recovery:
            return max(failures, 1)
        for attempt, verdict in self.attempts:
            if attempt.result.outcome in holds.ANSWERED:
                failures = 0
            elif verdict.counted:
                failures += 1
        return failures


def judge(tried: Tried, now: datetime) -> Judged:
    """Return attempts with their verdicts, by the policy of their connection."""
    policy = tried.gate.policy
    return Judged(
        tried.lease,
        tried.gate,
        [
            (
                attempt,
                retry.judge(attempt.result, attempts=attempt.row.attempts, now=now, policy=policy),
            )
            for attempt in tried.attempts
        ],
        tried.is_recovery,
    )
