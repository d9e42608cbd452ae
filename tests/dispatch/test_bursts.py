"""Who is told again of a room while somebody who was told has not come yet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import OperationalError

from djhipchat2 import announcements, dispatch, operations, send_message
from djhipchat2.models import OutboundMessage
from djhipchat2.querysets import OutboundMessageQuerySet
from djhipchat2.states import Status
from tests.dispatch.listening import DEV, OPS, Listener

pytestmark = pytest.mark.django_db(transaction=True)

MOMENT = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is told of a room comes to look, but has not come yet."""
    monkeypatch.setattr(Listener, "comes", True)


def test_a_burst_is_announced_once(heard: list[tuple[str, str]], comes: None) -> None:
    for _ in range(5):
        send_message("Ops", "hello")

    assert heard == [OPS]


def test_each_room_and_connection_of_a_burst_is_announced(
    heard: list[tuple[str, str]], comes: None
) -> None:
    for _ in range(2):
        send_message("Ops", "hello")
        send_message("Dev", "hello")
        send_message("Ops", "hello", using="audit")

    assert heard == [OPS, DEV, ("audit", "Ops")]


@pytest.mark.parametrize(
    "changes",
    [
        {"attempts": 1},
        {"status": Status.SENDING, "attempts": 1, "attempt_started_at": MOMENT, "lease_token": "t"},
        {"status": Status.SENT, "attempts": 1, "finished_at": MOMENT, "sent_at": MOMENT},
        {"status": Status.CANCELLED, "finished_at": MOMENT},
    ],
    ids=["failed once", "under way", "sent", "cancelled"],
)
def test_a_room_is_announced_again_when_somebody_has_come(
    heard: list[tuple[str, str]], comes: None, changes: dict[str, Any]
) -> None:
    first = send_message("Ops", "hello")
    OutboundMessage.objects.filter(pk=first.pk).update(**changes)

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_it_is_the_message_announced_last_that_counts(
    heard: list[tuple[str, str]], comes: None
) -> None:
    first = send_message("Ops", "hello")
    OutboundMessage.objects.filter(pk=first.pk).update(attempts=1)
    send_message("Ops", "hello")

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_a_room_is_announced_again_after_a_while_in_case_that_a_task_was_lost(
    heard: list[tuple[str, str]], comes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_message("Ops", "hello")
    monkeypatch.setattr(announcements, "SECONDS", 0)

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_a_message_that_nobody_was_told_of_covers_no_other(
    heard: list[tuple[str, str]], comes: None
) -> None:
    send_message("Ops", "hello", defer=True)

    send_message("Ops", "hello")

    assert heard == [OPS]


def test_a_row_that_has_got_the_key_of_one_that_is_gone_covers_no_other(
    heard: list[tuple[str, str]], comes: None
) -> None:
    first = send_message("Ops", "rolled back with the test that sent it")
    first.delete()
    OutboundMessage.objects.create(
        pk=first.pk, connection="default", backend="b", room_id="Ops", message="deferred"
    )

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_a_room_is_announced_if_the_database_cannot_say(
    heard: list[tuple[str, str]], comes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_message("Ops", "hello")

    def fail(self: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(OutboundMessageQuerySet, "exists", fail)
    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_what_was_announced_long_ago_is_forgotten(comes: None) -> None:
    known = dispatch.announcements
    rows = [send_message(f"Room {number}", "hello") for number in range(3)]
    assert len(known._last) == 3

    known._last = {key: last._replace(at=-1e9) for key, last in known._last.items()}
    known.add(rows[0])

    assert len(known._last) == 1


def test_a_drain_that_an_operator_asks_for_is_announced_in_any_case(
    heard: list[tuple[str, str]], comes: None
) -> None:
    send_message("Ops", "hello")

    operations.drain(*OPS)

    assert heard == [OPS, OPS]


def test_a_room_that_is_resumed_is_announced_in_any_case(
    heard: list[tuple[str, str]], comes: None
) -> None:
    send_message("Ops", "hello")
    operations.pause(*OPS)

    operations.resume(*OPS)

    assert heard == [OPS, OPS]
