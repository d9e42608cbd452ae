"""The chart of what was sent and what failed, by the hour."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from djhipchat2.admin import chart
from djhipchat2.delivery import clock
from djhipchat2.models import OutboundMessage
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, words


@pytest.fixture
def at_half_past_ten(time_machine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    time_machine.move_to("2026-11-25T10:30Z", tick=False)
    # A database keeps its own time.
    monkeypatch.setattr(clock, "now", lambda using: timezone.now())


def ended(make_row: MakeRow, status: str, at: str, **values: Any) -> OutboundMessage:
    sent = {"sent_at": at} if status == "sent" else {}
    return make_row(status, finished_at=at, **sent, **values)


def hours_of(drawn: chart.Chart) -> dict[str, tuple[int, int]]:
    busy = (hour for hour in drawn.hours if hour.sent + hour.failed)
    return {hour.start.strftime("%H:%M"): (hour.sent, hour.failed) for hour in busy}


@pytest.mark.usefixtures("at_half_past_ten")
def test_the_chart_counts_what_ended_by_the_hour(make_row: MakeRow) -> None:
    for status, at in (
        ("sent", "2026-11-25T10:00Z"),
        ("sent", "2026-11-25T10:29Z"),
        ("failed", "2026-11-25T09:59:59Z"),
        ("sent", "2026-11-24T11:00Z"),
        ("sent", "2026-11-24T10:59:59Z"),
        ("cancelled", "2026-11-25T10:00Z"),
    ):
        ended(make_row, status, at)
    make_row("queued")

    drawn = chart.draw(OutboundMessage.objects.all(), timezone.now())

    assert len(drawn.hours) == 24
    assert hours_of(drawn) == {"11:00": (1, 0), "09:00": (0, 1), "10:00": (2, 0)}
    assert (drawn.sent, drawn.failed, drawn.is_cut) == ("3", "1", False)
    assert [(bar.kind, bar.x) for bar in drawn.bars()] == [
        ("sent", 2),
        ("failed", 662),
        ("sent", 692),
    ]
    assert all(bar.y >= 0 and bar.y + bar.height <= drawn.height for bar in drawn.bars())


@pytest.mark.usefixtures("at_half_past_ten")
def test_the_hours_are_those_of_the_users_zone(make_row: MakeRow, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"  # half an hour beside the hours of UTC
    ended(make_row, "sent", "2026-11-25T10:29Z")

    drawn = chart.draw(OutboundMessage.objects.all(), timezone.now())

    assert hours_of(drawn) == {"15:00": (1, 0)}


def test_the_chart_works_without_time_zones(make_row: MakeRow, settings: Any) -> None:
    settings.USE_TZ = False
    ended(make_row, "sent", "2026-11-25 10:29:00")

    drawn = chart.draw(OutboundMessage.objects.all(), parse_datetime("2026-11-25 10:30"))

    assert hours_of(drawn) == {"10:00": (1, 0)}


@pytest.mark.usefixtures("at_half_past_ten")
def test_the_chart_respects_filters_and_search(admin_client: Client, make_row: MakeRow) -> None:
    ended(make_row, "sent", "2026-11-25T10:00Z", room_id="Ops")
    ended(make_row, "sent", "2026-11-25T10:00Z", room_id="Dev", message="needle")

    for query, sent in (({}, "2"), ({"room_id": "Ops"}, "1"), ({"q": "needle"}, "1")):
        response = admin_client.get(MESSAGES, query)
        assert response.context["chart"].sent == sent
    assert "Messages per hour in the past 24 hours: 1 sent, 0 failed." in words(response)
    assert "10:00 1 0" in words(response)


@pytest.mark.usefixtures("at_half_past_ten")
def test_of_too_many_messages_earlier_hours_are_left_out(
    admin_client: Client, make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart, "MOST", 2)
    for at in ("10:10", "10:05", "09:30", "08:30"):
        ended(make_row, "sent", f"2026-11-25T{at}Z")

    response = admin_client.get(MESSAGES)

    assert hours_of(response.context["chart"]) == {"10:00": (2, 0)}
    assert "There were too many to count them all" in words(response)


@pytest.mark.usefixtures("at_half_past_ten")
def test_an_hour_of_too_many_messages_is_not_drawn(
    make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart, "MOST_SEARCHED", 1)
    for at in ("10:10", "10:05", "10:04"):
        ended(make_row, "sent", f"2026-11-25T{at}Z")

    drawn = chart.draw(OutboundMessage.objects.all(), timezone.now(), searched=True)

    assert (drawn.hours, list(drawn.bars()), drawn.is_cut) == ([], [], True)
