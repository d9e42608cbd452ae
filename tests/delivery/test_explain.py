"""What is told of a message: how it ended, who sends it, or what it waits for."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery.explain import explain
from djhipchat2.delivery.wording import moment
from djhipchat2.models import Room
from tests.delivery.explaining import EARLIER, LATER, NOW, message, room

LEASED = room(lease_token="t", lease_owner="web1:7:Main", lease_expires_at=LATER)
SILENT = room(lease_token="t", lease_owner="web1:7:Main", lease_expires_at=EARLIER)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"status": "sent", "attempts": 1, "finished_at": EARLIER},
            "Sent at 2026-11-25 02:55:00 UTC, with 1 attempt.",
        ),
        (
            {"status": "sent", "attempts": 3, "finished_at": EARLIER},
            "Sent at 2026-11-25 02:55:00 UTC, with 3 attempts.",
        ),
        (
            {"status": "failed", "error": "no such\nroom", "finished_at": EARLIER},
            "Failed for good at 2026-11-25 02:55:00 UTC: no such room",
        ),
        (
            {"status": "failed", "finished_at": EARLIER},
            "Failed for good at 2026-11-25 02:55:00 UTC: nobody recorded a reason",
        ),
        (
            {"status": "expired", "expires_at": EARLIER, "finished_at": NOW},
            "Expired at 2026-11-25 02:55:00 UTC: it was still queued then.",
        ),
        (
            {"status": "expired", "finished_at": NOW},
            "Expired at 2026-11-25 03:00:00 UTC: it was still queued then.",
        ),
        (
            {"status": "cancelled", "finished_at": EARLIER},
            "Cancelled at 2026-11-25 02:55:00 UTC.",
        ),
        (
            {"status": "cancelled", "error": "down", "finished_at": EARLIER},
            "Cancelled at 2026-11-25 02:55:00 UTC. Its last attempt failed: down",
        ),
    ],
)
def test_a_message_that_came_to_its_end(values: dict[str, Any], expected: str) -> None:
    assert explain(message(**values), None, NOW) == expected


def test_a_message_that_is_being_sent() -> None:
    row = message(status="sending", lease_token="t", attempt_started_at=EARLIER)

    expected = "Being sent by web1:7:Main since 2026-11-25 02:55:00 UTC."
    assert explain(row, LEASED, NOW) == expected


@pytest.mark.parametrize(
    ("token", "its_room"), [("t", SILENT), ("of somebody before", LEASED), ("t", None)]
)
def test_a_message_whose_worker_has_vanished(token: str, its_room: Room | None) -> None:
    row = message(status="sending", lease_token=token, attempt_started_at=EARLIER)

    assert explain(row, its_room, NOW) == (
        "Its attempt of 2026-11-25 02:55:00 UTC was never finished, so the chat may or may not "
        "have it: the worker has vanished. To have the room taken over, run "
        "manage.py hipchat_flush_outbox."
    )


@pytest.mark.parametrize("its_room", [None, room(), SILENT])
def test_a_message_that_nobody_delivers(its_room: Room | None) -> None:
    expected = "Due now, and nobody has delivered it: run manage.py hipchat_flush_outbox."
    assert explain(message(), its_room, NOW) == expected


def test_a_message_that_nobody_tries_again() -> None:
    row = message(attempts=1, error="down", next_attempt_at=EARLIER)

    assert explain(row, room(), NOW) == (
        "Due now, and nobody has delivered it: run manage.py hipchat_flush_outbox. "
        "Its last attempt failed: down"
    )


def test_a_message_whose_room_is_being_delivered() -> None:
    expected = "Due now: web1:7:Main is delivering to its room and takes it in its turn."
    assert explain(message(), LEASED, NOW) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"deliver_at": LATER},
            "Waits until 2026-11-25 03:05:00 UTC, as its sender asked.",
        ),
        (
            {"attempts": 2, "error": "down"},
            "Waits until 2026-11-25 03:05:00 UTC because its last attempt failed (2 used up): down",
        ),
        (
            {"attempts": 0, "error": "slow down"},
            "Waits until 2026-11-25 03:05:00 UTC because the chat turned it away: slow down",
        ),
    ],
)
def test_a_message_that_waits(values: dict[str, Any], expected: str) -> None:
    assert explain(message(next_attempt_at=LATER, **values), room(), NOW) == expected


def test_a_message_that_is_too_late() -> None:
    row = message(expires_at=EARLIER, next_attempt_at=LATER)

    expected = "Too late since 2026-11-25 02:55:00 UTC: the next delivery will mark it as expired."
    assert explain(row, room(), NOW) == expected


def test_a_long_error_is_cut() -> None:
    row = message(status="failed", error="word " * 200, finished_at=EARLIER)

    text = explain(row, None, NOW)

    assert text.endswith("word…")
    assert len(text) < 400


def test_times_are_told_in_the_current_time_zone() -> None:
    with timezone.override("Asia/Tokyo"):
        assert moment(NOW) == "2026-11-25 12:00:00 JST"


def test_a_project_without_time_zones_has_plain_times() -> None:
    assert moment(NOW.replace(tzinfo=None)) == "2026-11-25 03:00:00"


def test_a_message_that_waits_for_a_decision_says_what_can_be_done() -> None:
    row = message(status="queued", held=True, attempts=1, error="no answer")

    assert explain(row, None, NOW) == (
        "Its answer was lost, so the chat may or may not have it. Look there, then try it again, "
        "mark it as sent, or cancel it. Its last attempt failed: no answer"
    )
