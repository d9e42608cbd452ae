"""What is told of a message whose room or connection is on hold, or at its limit."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from djhipchat2.delivery.explain import explain
from djhipchat2.models import Room
from tests.delivery.explaining import EARLIER, LATER, NOW, message, room

MUCH_LATER = NOW + timedelta(minutes=50)


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        (
            {"hold_reason": "rate_limited", "hold_until": LATER},
            "Its room is on hold until 2026-11-25 03:05:00 UTC because the chat limits how much "
            "it takes.",
        ),
        (
            {"hold_reason": "unreachable", "hold_until": LATER},
            "Its room is on hold until 2026-11-25 03:05:00 UTC because the chat cannot be reached.",
        ),
        (
            {"hold_reason": "paused", "hold_note": "moving, Anna"},
            "Its room is on hold, until somebody lifts that: somebody has paused it "
            "(moving, Anna).",
        ),
    ],
)
def test_a_message_whose_room_is_on_hold(hold: dict[str, Any], expected: str) -> None:
    assert explain(message(expires_at=MUCH_LATER), room(**hold), NOW) == expected


def test_the_later_of_hold_and_wait_is_told() -> None:
    held = room(hold_reason="rate_limited", hold_until=LATER)
    row = message(attempts=1, error="down", next_attempt_at=MUCH_LATER)

    assert explain(row, held, NOW).startswith("Waits until 2026-11-25 03:50:00 UTC because")

    held.hold_until = MUCH_LATER + timedelta(seconds=1)
    assert explain(row, held, NOW) == (
        "Its room is on hold until 2026-11-25 03:50:01 UTC because the chat limits how much it "
        "takes. Its last attempt failed: down"
    )


def whole(**values: Any) -> Room:
    return Room(connection="default", room_id="", **values)


@pytest.mark.parametrize(
    ("hold", "expected"),
    [
        (
            {"hold_reason": "unreachable", "hold_until": LATER},
            "Its whole connection is on hold until 2026-11-25 03:05:00 UTC because the chat "
            "cannot be reached.",
        ),
        (
            {"hold_reason": "paused"},
            "Its whole connection is on hold, until somebody lifts that: somebody has paused it.",
        ),
    ],
)
def test_a_message_whose_connection_is_on_hold(hold: dict[str, Any], expected: str) -> None:
    assert explain(message(), None, NOW, whole=whole(**hold)) == expected


@pytest.mark.parametrize(
    ("of_room", "of_connection", "expected"),
    [
        (LATER, MUCH_LATER, "Its whole connection"),
        (MUCH_LATER, LATER, "Its room"),
        (None, LATER, "Its room"),
        (LATER, None, "Its whole connection"),
        (LATER, EARLIER, "Its room"),
        (EARLIER, EARLIER, "Due now"),
    ],
)
def test_of_two_holds_the_longer_is_told(
    of_room: datetime | None, of_connection: datetime | None, expected: str
) -> None:
    its_room = room(hold_reason="rate_limited", hold_until=of_room)
    its_connection = whole(hold_reason="rate_limited", hold_until=of_connection)

    assert explain(message(), its_room, NOW, whole=its_connection).startswith(expected)


def test_a_hold_that_is_over_holds_nothing() -> None:
    over = room(hold_reason="rate_limited", hold_until=NOW)

    assert explain(message(), over, NOW).startswith("Due now, and nobody")


def test_a_limit_that_is_used_up_is_told_with_its_end() -> None:
    whole = Room(connection="default", room_id="", limit_left=0, limit_resets_at=LATER)

    assert explain(message(status="queued"), None, NOW, whole=whole) == (
        "The chat's limit for the whole connection is used up until 2026-11-25 03:05:00 UTC."
    )
