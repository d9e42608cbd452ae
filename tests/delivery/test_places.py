"""Rooms in which something waits are found without asking of each room, or of each message."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from djhipchat2.api import send_messages
from djhipchat2.delivery import engine, places
from djhipchat2.delivery.places import Waiting, waiting_rooms
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.scripted import PATH, Script

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)
LATER = NOW + timedelta(minutes=2)


def found() -> list[Waiting]:
    return list(waiting_rooms(OutboundMessage.objects.queued(), NOW))


def queue_in(*rooms: str) -> None:
    send_messages([{"room_id": room, "message": room} for room in rooms], defer=True)


@pytest.mark.parametrize("seen_at_once", [1, 2, 3, 4, 7, 256])
def test_each_room_is_found_once(
    settings: Any, monkeypatch: pytest.MonkeyPatch, seen_at_once: int
) -> None:
    monkeypatch.setattr(places, "SEEN_AT_ONCE", seen_at_once)
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH}, "shop": {"BACKEND": PATH}}
    for using in ("default", "shop", "audit"):
        for room, number in (("A", 2), ("B", 1), ("C", 5)):
            calls = [{"room_id": room, "message": str(n), "using": using} for n in range(number)]
            send_messages(calls, defer=True)

    assert [waiting.place for waiting in found()] == [
        (using, room) for using in ("audit", "default", "shop") for room in "ABC"
    ]


def test_nothing_is_found_where_nothing_waits() -> None:
    assert found() == []


def test_a_room_that_is_seen_to_its_end_is_known() -> None:
    queue_in("Ops", "Ops", "Dev")

    assert found() == [
        Waiting(("default", "Dev"), 1, NOW),
        Waiting(("default", "Ops"), 2, NOW),
    ]


def test_of_a_room_with_more_than_is_seen_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SEEN_AT_ONCE", 3)
    queue_in("Dev", "Ops", "Ops", "Ops")

    dev, ops = found()

    assert (dev.number, ops.number) == (1, None)
    assert ops.may_be_due(NOW)


@pytest.mark.parametrize(
    ("changes", "due_from"),
    [
        ({}, NOW),
        ({"next_attempt_at": SOON}, SOON),
        ({"next_attempt_at": NOW - timedelta(hours=1)}, NOW - timedelta(hours=1)),
        ({"held": True}, None),
        ({"expires_at": SOON}, NOW),
        ({"expires_at": NOW}, None),
        ({"expires_at": LATER, "next_attempt_at": SOON}, SOON),
        ({"expires_at": SOON, "next_attempt_at": LATER}, None),
    ],
)
def test_it_is_known_from_when_a_room_is_due(
    changes: dict[str, Any], due_from: datetime | None
) -> None:
    queue_in("Ops")
    OutboundMessage.objects.update(**changes)

    [waiting] = found()

    assert waiting == Waiting(("default", "Ops"), 1, due_from)
    assert waiting.may_be_due(NOW) is (due_from is not None and due_from <= NOW)
    assert waiting.may_be_due(LATER) is (due_from is not None)


def test_the_first_due_message_of_a_room_counts() -> None:
    queue_in("Ops", "Ops", "Ops")
    for row, again in zip(
        OutboundMessage.objects.order_by("pk"), (LATER, SOON, LATER), strict=True
    ):
        OutboundMessage.objects.filter(pk=row.pk).update(next_attempt_at=again)

    assert [waiting.due_from for waiting in found()] == [SOON]


def statements_of_a_flush_of(rooms: int) -> int:
    queue_in(*(f"{rooms} rooms, {n:03}" for n in range(rooms)))
    with CaptureQueriesContext(database) as asked:
        assert engine.flush(Run(Trigger.FLUSH)).sent == rooms
    return len(asked)


def test_many_rooms_ask_hardly_more_statements_than_few() -> None:
    statements_of_a_flush_of(1)  # learns the pace

    few, many = statements_of_a_flush_of(20), statements_of_a_flush_of(60)

    assert many <= few + 20


def test_a_room_whose_time_has_come_since_it_was_seen_may_be_due() -> None:
    queue_in("Dev", "Ops", "Zoo")
    at = {"Ops": timezone.now() + timedelta(hours=1), "Zoo": timezone.now() + timedelta(hours=3)}
    for room, again in at.items():
        OutboundMessage.objects.filter(room_id=room).update(next_attempt_at=again)
    later = timezone.now() + timedelta(hours=2)
    seen = found()

    assert [waiting.place[1] for waiting in seen if waiting.may_be_due(later)] == ["Dev", "Ops"]


def test_names_that_differ_in_case_alone_lose_nothing(chat: Script) -> None:
    queue_in("Ops", "ops", "OPS", "Dev", "ops", "Ops")

    assert engine.flush(Run(Trigger.FLUSH)) == Summary(sent=6)

    assert sorted(chat.texts) == ["Dev", "OPS", "Ops", "Ops", "ops", "ops"]
    assert not OutboundMessage.objects.exclude(status=Status.SENT).exists()
    assert not Room.objects.exclude(lease_token="").exists()
