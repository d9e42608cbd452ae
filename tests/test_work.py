"""What tasks do, apart from who runs them."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2 import send_message, work
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import HoldReason, Status
from tests.scripted import LIMITED, PATH, UNAVAILABLE, script

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _scripted(settings: Any) -> None:
    script.clear()
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_BACKOFF_BASE = 30


def queue(*texts: str, room: str = "Ops") -> None:
    for text in texts:
        send_message(room, text, defer=True)


def test_a_room_that_is_delivered_need_not_be_looked_at_again() -> None:
    queue("one", "two")

    assert work.deliver_room("default", "Ops") is None
    assert script.texts == ["one", "two"]


def test_a_failed_attempt_is_looked_at_again_when_its_next_one_is_due() -> None:
    script.results = [UNAVAILABLE]
    queue("one")

    delay = work.deliver_room("default", "Ops")

    assert delay is not None
    assert work.SHORTEST_HINT <= delay <= 30


def test_a_rate_limit_is_looked_at_again_when_it_is_over() -> None:
    script.results = [LIMITED]
    queue("one")

    assert work.deliver_room("default", "Ops") == pytest.approx(60, abs=3)


def test_a_room_on_hold_is_looked_at_again_by_the_task_that_came_for_it() -> None:
    queue("one")
    Room.objects.create(
        connection="default",
        room_id="Ops",
        hold_reason=HoldReason.RATE_LIMITED,
        hold_until=timezone.now() + timedelta(seconds=100),
    )

    assert work.deliver_room("default", "Ops") is None
    assert work.deliver_room("default", "Ops", again=True) == pytest.approx(100, abs=3)


def test_a_task_that_is_stopped_leaves_the_rest_to_the_next() -> None:
    queue("one", "two")

    delay = work.deliver_room("default", "Ops", stop=lambda: len(script.texts) == 1)

    assert script.texts == ["one"]
    assert delay == work.SHORTEST_HINT
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_task_that_has_worked_long_enough_leaves_the_rest_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue("one", "two")
    script.before = lambda message: monkeypatch.setattr(work, "ROOM_SECONDS", -1)

    delay = work.deliver_room("default", "Ops")

    assert script.texts == ["one"]
    assert delay == work.SHORTEST_HINT


def test_a_flush_delivers_every_room(caplog: pytest.LogCaptureFixture) -> None:
    queue("one")
    queue("two", room="Dev")

    with caplog.at_level(logging.INFO, "djhipchat2"):
        summary = work.flush_outbox()

    assert summary.sent == 2
    assert "The outbox was flushed" in caplog.text


def test_a_flush_without_work_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "djhipchat2"):
        work.flush_outbox()

    assert caplog.text == ""


@pytest.mark.parametrize(("stopped", "seconds"), [(True, 50), (False, -1)])
def test_a_flush_ends_when_it_is_asked_to_and_when_it_took_long_enough(
    monkeypatch: pytest.MonkeyPatch, stopped: object, seconds: float
) -> None:
    monkeypatch.setattr(work, "FLUSH_SECONDS", seconds)
    queue("one")

    assert work.flush_outbox(stop=lambda: bool(stopped)).sent == 0


def test_a_purge_deletes_what_is_over_and_old_enough() -> None:
    queue("sent", "waits")
    script.by_text["waits"] = UNAVAILABLE
    work.flush_outbox()
    OutboundMessage.objects.filter(status=Status.SENT).update(
        finished_at=timezone.now() - timedelta(days=2)
    )

    kept = work.purge_outbox(older_than_days=3, statuses=(), batch_size=10)
    other = work.purge_outbox(older_than_days=1, statuses=["failed"], batch_size=10)
    deleted = work.purge_outbox(older_than_days=1, statuses=["sent"], batch_size=10)

    assert (kept, other, deleted) == (0, 0, 1)
    assert OutboundMessage.objects.get().message == "waits"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"older_than_days": -1}, "older_than_days is -1; use a number from 0 to 36500."),
        ({"older_than_days": "7"}, "older_than_days is '7'; use a number from 0 to 36500."),
        ({"older_than_days": True}, "older_than_days is True; use a number from 0 to 36500."),
        ({"batch_size": 0}, "batch_size is 0; use a whole number from 1."),
        ({"batch_size": 1.5}, "batch_size is 1.5; use a whole number from 1."),
        ({"batch_size": None}, "batch_size is None; use a whole number from 1."),
        (
            {"statuses": ["queued"]},
            "statuses has 'queued'; use some of sent, failed, expired, cancelled.",
        ),
    ],
)
def test_a_purge_refuses_what_cannot_be_meant(changes: dict[str, Any], text: str) -> None:
    arguments = {"older_than_days": 30, "statuses": (), "batch_size": 1000, **changes}

    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        work.purge_outbox(**arguments)
