"""
When to try again, and when to give up. Pure arithmetic: the time and the chance are passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform

from ..backends.base import Result
from ..states import OnUnknown, Outcome, Status

#: Failures in a row after which a room is left alone and then probed with one message.
BREAKER_FAILURES = 5
#: 2 to this power times any base exceeds any cap that fits a calendar.
_LARGEST_EXPONENT = 40

Chance = Callable[[float, float], float]


@dataclass(frozen=True)
class Policy:
    """How stubborn delivery is. Times are in seconds."""

    max_attempts: int
    backoff_base: float
    backoff_cap: float
    on_unknown: str = OnUnknown.RETRY.value


@dataclass(frozen=True)
class Verdict:
    """What an attempt's result does to the message and to its room."""

    status: Status
    counted: bool
    next_attempt_at: datetime | None = None
    error: str = ""
    held: bool = False
    """Must somebody decide whether it is sent again?"""
    hold_until: datetime | None = None
    """Until when the room, or the connection, is left alone because the service asked for it."""


def backoff(attempt: int, policy: Policy, *, chance: Chance = uniform) -> float:
    """
    Return the seconds to wait after the attempt of this number, the first being 1.

    Exponential with full jitter: any time from none to ``base * 2 ** (attempt - 1)``, up to the
    cap. Senders that failed together so do not come back together.
    """
    exponent = min(max(attempt - 1, 0), _LARGEST_EXPONENT)
    return chance(0, min(policy.backoff_cap, policy.backoff_base * 2**exponent))


def judge(
    result: Result, *, attempts: int, now: datetime, policy: Policy, chance: Chance = uniform
) -> Verdict:
    """Return what follows from a result; ``attempts`` includes the one just made."""
    hold_until = None
    if result.retry_after is not None:
        hold_until = now + timedelta(seconds=result.retry_after)
    if result.outcome is Outcome.ACCEPTED:
        return Verdict(Status.SENT, counted=True, hold_until=hold_until)
    if result.outcome is Outcome.REJECTED:
        return Verdict(Status.FAILED, counted=True, error=result.error)
    if result.rate_limited:
        again = hold_until or now + timedelta(seconds=backoff(attempts, policy, chance=chance))
        return Verdict(
            Status.QUEUED,
            counted=False,
            next_attempt_at=again,
            error=result.error,
            hold_until=again,
        )
    if result.outcome is Outcome.UNKNOWN and policy.on_unknown == OnUnknown.HOLD:
        return Verdict(
            Status.QUEUED, counted=True, held=True, error=result.error, hold_until=hold_until
        )
    if attempts >= policy.max_attempts:
        error = f"Given up after {attempts} attempts; the last one: {result.error}"
        return Verdict(Status.FAILED, counted=True, error=error, hold_until=hold_until)
    wait = now + timedelta(seconds=backoff(attempts, policy, chance=chance))
    again = max(wait, hold_until) if hold_until else wait
    return Verdict(
        Status.QUEUED,
        counted=True,
        next_attempt_at=again,
        error=result.error,
        hold_until=hold_until,
    )
