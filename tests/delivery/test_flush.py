from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import HoldReason, Status, Trigger
from tests.scripted import PATH, UNAVAILABLE, Script

pytestmark = pytest.mark.django_db


def flush(*, using: str | None = None, room_id: str | None = None, **options: Any) -> Summary:
    return engine.flush(Run(Trigger.FLUSH, **options), using=using, room_id=room_id)


def test_every_room_is_flushed(chat: Script, queued: Any) -> None:
    for room in ("Ops", "Dev", "4242"):
        queued(f"for {room}", room)

    summary = flush()

    assert summary == Summary(sent=3)
    assert sorted(chat.texts) == ["for 4242", "for Dev", "for Ops"]


def test_an_empty_outbox_is_flushed_in_silence() -> None:
    assert flush() == Summary()


def test_only_a_connections_rooms(chat: Script, queued: Any, settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH}}
    queued("default")
    queued("audit", using="audit")

    flush(using="audit")

    assert chat.texts == ["audit"]


def test_only_a_room_of_every_connection(chat: Script, queued: Any, settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH}}
    queued("ops", "Ops")
    queued("dev", "Dev")
    queued("ops by audit", "Ops", using="audit")

    flush(room_id="Ops")

    assert sorted(chat.texts) == ["ops", "ops by audit"]


def test_the_limit_is_of_the_whole_run(queued: Any) -> None:
    for room in ("Ops", "Dev", "4242"):
        queued("one", room)
        queued("two", room)

    assert flush(limit=3) == Summary(sent=3)


def test_a_failing_room_does_not_stop_the_others(chat: Script, queued: Any) -> None:
    chat.by_text["for Dev"] = UNAVAILABLE
    for room in ("Dev", "Ops"):
        queued(f"for {room}", room)

    assert flush() == Summary(sent=1, retried=1)


def test_messages_of_an_unknown_connection_wait_and_are_told(
    queued: Any, caplog: pytest.LogCaptureFixture
) -> None:
    row = queued("from another process")
    OutboundMessage.objects.update(connection="options-0123456789abcdef")
    queued("known")

    summary = flush()

    row.refresh_from_db()
    assert summary == Summary(sent=1, skipped_rooms=1)
    assert row.status == Status.QUEUED
    assert "options-0123456789abcdef" in caplog.text
    assert "HIPCHAT_CONNECTIONS" in caplog.text


def test_what_is_over_expires_even_in_a_room_on_hold(queued: Any) -> None:
    row = queued(expires_at=timezone.now() + timedelta(hours=1))
    Room.objects.create(connection="default", room_id="Ops", hold_reason=HoldReason.PAUSED)
    OutboundMessage.objects.update(expires_at=timezone.now())

    summary = flush()

    row.refresh_from_db()
    assert summary == Summary(expired=1)
    assert row.status == Status.EXPIRED


def test_progress_is_told_after_each_window(queued: Any) -> None:
    seen: list[int] = []
    for number in range(6):
        queued(f"message {number}")

    flush(progress=lambda summary: seen.append(summary.sent))

    assert seen[0] == 1
    assert seen[-1] == 6


def test_the_walk_over_rooms_costs_few_queries_however_many_messages_wait(
    queued: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        queued("x", f"room {number % 3}")

    with django_assert_max_num_queries(10):
        rooms = list(OutboundMessage.objects.all().rooms())

    assert rooms == [("default", "room 0"), ("default", "room 1"), ("default", "room 2")]


def test_next_due_is_none_for_an_empty_room() -> None:
    assert engine.next_due("default", "Ops") is None


def test_next_due_is_now_for_a_due_message(queued: Any) -> None:
    queued()

    assert engine.next_due("default", "Ops") == 0


def test_next_due_is_the_earliest_attempt(queued: Any) -> None:
    queued(deliver_at=timezone.now() + timedelta(seconds=90))
    queued(deliver_at=timezone.now() + timedelta(seconds=30))

    assert engine.next_due("default", "Ops") == pytest.approx(30, abs=3)


def test_next_due_waits_for_the_hold(queued: Any) -> None:
    queued()
    Room.objects.create(
        connection="default",
        room_id="Ops",
        hold_reason=HoldReason.RATE_LIMITED,
        hold_until=timezone.now() + timedelta(seconds=60),
    )

    assert engine.next_due("default", "Ops") == pytest.approx(60, abs=3)


def test_next_due_is_none_while_the_room_is_paused(queued: Any) -> None:
    queued()
    Room.objects.create(connection="default", room_id="Ops", hold_reason=HoldReason.PAUSED)

    assert engine.next_due("default", "Ops") is None
