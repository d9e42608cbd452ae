from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from djhipchat2.backends.base import Result
from djhipchat2.delivery.retry import Policy, backoff, judge
from djhipchat2.states import FINAL, OnUnknown, Outcome, Status
from tests.conftest import longest

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
POLICY = Policy(max_attempts=3, backoff_base=10, backoff_cap=100)


def shortest(low: float, high: float) -> float:
    return low


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 80), (5, 100), (500, 100)]
)
def test_backoff_doubles_up_to_the_cap(attempt: int, seconds: float) -> None:
    assert backoff(attempt, POLICY, chance=longest) == seconds


def test_backoff_has_full_jitter() -> None:
    assert backoff(4, POLICY, chance=shortest) == 0


@given(
    attempt=st.integers(min_value=0, max_value=10**6),
    base=st.floats(min_value=0, max_value=10**4),
    cap=st.floats(min_value=0, max_value=10**6),
)
def test_backoff_stays_between_zero_and_the_cap(attempt: int, base: float, cap: float) -> None:
    assert 0 <= backoff(attempt, Policy(10, base, cap)) <= cap


def test_accepted_is_sent() -> None:
    verdict = judge(Result(Outcome.ACCEPTED), attempts=1, now=NOW, policy=POLICY)

    assert (verdict.status, verdict.counted, verdict.next_attempt_at) == (Status.SENT, True, None)


def test_rejected_fails_at_once_with_the_servers_words() -> None:
    result = Result(Outcome.REJECTED, error="HTTP 404: Room not found")

    verdict = judge(result, attempts=1, now=NOW, policy=POLICY)

    assert (verdict.status, verdict.error) == (Status.FAILED, "HTTP 404: Room not found")


@pytest.mark.parametrize("outcome", [Outcome.UNAVAILABLE, Outcome.UNKNOWN])
def test_unavailable_and_unknown_wait_for_another_try(outcome: Outcome) -> None:
    verdict = judge(Result(outcome, "down"), attempts=2, now=NOW, policy=POLICY, chance=longest)

    assert verdict.status == Status.QUEUED
    assert verdict.counted
    assert verdict.next_attempt_at == NOW + timedelta(seconds=20)
    assert verdict.error == "down"
    assert verdict.hold_until is None


@pytest.mark.parametrize("outcome", [Outcome.UNAVAILABLE, Outcome.UNKNOWN])
def test_the_last_attempt_fails_the_message(outcome: Outcome) -> None:
    verdict = judge(Result(outcome, "down"), attempts=3, now=NOW, policy=POLICY)

    assert verdict.status == Status.FAILED
    assert verdict.error == "Given up after 3 attempts; the last one: down"
    assert verdict.next_attempt_at is None


def test_a_rate_limit_costs_no_attempt_even_the_last_one() -> None:
    result = Result(Outcome.UNAVAILABLE, "slow down", retry_after=30, rate_limited=True)

    verdict = judge(result, attempts=3, now=NOW, policy=POLICY)

    assert (verdict.status, verdict.counted) == (Status.QUEUED, False)
    assert verdict.next_attempt_at == verdict.hold_until == NOW + timedelta(seconds=30)


def test_a_rate_limit_without_a_time_holds_for_the_backoff() -> None:
    result = Result(Outcome.UNAVAILABLE, "slow down", rate_limited=True)

    verdict = judge(result, attempts=1, now=NOW, policy=POLICY, chance=longest)

    assert verdict.hold_until == NOW + timedelta(seconds=10)


def test_retry_after_of_a_busy_server_holds_the_room_and_outlasts_the_backoff() -> None:
    result = Result(Outcome.UNAVAILABLE, "busy", retry_after=50)

    verdict = judge(result, attempts=1, now=NOW, policy=POLICY, chance=longest)

    assert verdict.counted
    assert verdict.hold_until == NOW + timedelta(seconds=50)
    assert verdict.next_attempt_at == NOW + timedelta(seconds=50)


def test_retry_after_shorter_than_the_backoff_does_not_shorten_it() -> None:
    result = Result(Outcome.UNAVAILABLE, "busy", retry_after=1)

    verdict = judge(result, attempts=1, now=NOW, policy=POLICY, chance=longest)

    assert verdict.next_attempt_at == NOW + timedelta(seconds=10)


@given(
    outcome=st.sampled_from(Outcome),
    attempts=st.integers(min_value=1, max_value=20),
    retry_after=st.none() | st.floats(min_value=0, max_value=86_400),
    rate_limited=st.booleans(),
)
def test_a_verdict_is_final_or_has_a_next_attempt(
    outcome: Outcome, attempts: int, retry_after: float | None, *, rate_limited: bool
) -> None:
    result = Result(outcome, "x", retry_after=retry_after, rate_limited=rate_limited)

    verdict = judge(result, attempts=attempts, now=NOW, policy=POLICY)

    assert (verdict.status in FINAL) == (verdict.next_attempt_at is None)
    assert verdict.next_attempt_at is None or verdict.next_attempt_at >= NOW
    if attempts >= POLICY.max_attempts and verdict.counted:
        assert verdict.status in FINAL


@given(
    attempt=st.integers(min_value=1, max_value=100),
    base=st.floats(min_value=0, max_value=10**4),
    cap=st.floats(min_value=0, max_value=10**6),
)
def test_the_longest_wait_never_shrinks_from_attempt_to_attempt(
    attempt: int, base: float, cap: float
) -> None:
    policy = Policy(10, base, cap)

    assert backoff(attempt, policy, chance=longest) <= backoff(attempt + 1, policy, chance=longest)


@given(
    outcome=st.sampled_from([Outcome.UNAVAILABLE, Outcome.UNKNOWN]),
    attempts=st.integers(min_value=1, max_value=20),
    retry_after=st.floats(min_value=0, max_value=86_400),
    rate_limited=st.booleans(),
    on_unknown=st.sampled_from(OnUnknown),
)
def test_nothing_is_tried_again_before_the_service_wants_it(
    outcome: Outcome, attempts: int, retry_after: float, on_unknown: str, *, rate_limited: bool
) -> None:
    policy = Policy(10, 10, 100, on_unknown)
    result = Result(outcome, "x", retry_after=retry_after, rate_limited=rate_limited)

    verdict = judge(result, attempts=attempts, now=NOW, policy=policy)

    asked_for = NOW + timedelta(seconds=retry_after)
    assert verdict.hold_until == asked_for
    assert verdict.next_attempt_at is None or verdict.next_attempt_at >= asked_for
    assert not (verdict.held and verdict.next_attempt_at)


@given(
    retry_after=st.none() | st.floats(min_value=0, max_value=86_400),
    attempts=st.integers(min_value=1, max_value=20),
)
def test_a_rate_limit_never_uses_up_an_attempt(retry_after: float | None, attempts: int) -> None:
    result = Result(Outcome.UNAVAILABLE, "x", retry_after=retry_after, rate_limited=True)

    verdict = judge(result, attempts=attempts, now=NOW, policy=POLICY)

    assert (verdict.status, verdict.counted) == (Status.QUEUED, False)
