"""The panel above the list: what waits, what went out, and whether anybody delivers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from djhipchat2.admin import OutboundMessageAdmin, panel
from djhipchat2.models import Heartbeat, OutboundMessage, Room
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import MESSAGES, words

BANNER = "Nobody delivers."


def waits_since(row: OutboundMessage, **age: int) -> None:
    OutboundMessage.objects.filter(pk=row.pk).update(created=timezone.now() - timedelta(**age))


def beat(kind: str = "flush", **age: int) -> None:
    seen = timezone.now() - timedelta(**age)
    Heartbeat.objects.create(kind=kind, host="web1", worker="w", seen_at=seen)


def test_the_panel_tells_what_waits_and_what_went_out(
    admin_client: Client, make_row: MakeRow
) -> None:
    hours_ago = timezone.now() - timedelta(hours=2)
    for status, values in (
        ("queued", {}),
        ("queued", {"held": True}),
        ("sending", {}),
        ("sent", {}),
        ("sent", {"finished_at": hours_ago, "sent_at": hours_ago}),
        ("failed", {}),
    ):
        make_row(status, **values)
    waits_since(OutboundMessage.objects.filter(status="queued")[0], minutes=2)
    Room.objects.create(connection="default", room_id="Ops", hold_reason="paused")
    Room.objects.create(connection="default", room_id="Dev")
    beat(seconds=12)

    text = words(admin_client.get(MESSAGES))

    assert "queued 2 sending 1 sent in the last hour 1 failed in the last hour 1" in text
    assert "to be decided 1 oldest waiting 2 min ago rooms on hold 1 last flush seen 12 s" in text


def test_the_oldest_waiting_message_is_one_press_away(
    admin_client: Client, make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OutboundMessageAdmin, "list_per_page", 2)
    rows = [make_row("queued") for _ in range(3)]

    assert 'href="?status__exact=queued&amp;p=~0"' in admin_client.get(MESSAGES).content.decode()
    response = admin_client.get(f"{MESSAGES}?status__exact=queued&p=~0")

    shown = [row.pk for row in response.context["cl"].result_list]
    assert shown == [rows[1].pk, rows[0].pk]


def test_an_empty_outbox_is_calm_and_says_what_to_do(admin_client: Client) -> None:
    text = words(admin_client.get(MESSAGES))

    assert "queued 0 sending 0 sent in the last hour 0 failed in the last hour 0" in text
    assert "oldest waiting \N{EN DASH} rooms on hold 0 last flush seen never" in text
    assert "to be decided" not in text.split("last flush seen")[0]
    assert "No message was written yet" in text
    assert BANNER not in text


@pytest.mark.parametrize(
    ("waiting", "seen", "shown"),
    [
        ({"minutes": 6}, None, True),
        ({"minutes": 6}, {"minutes": 6}, True),
        ({"minutes": 6}, {"minutes": 1}, False),
        ({"minutes": 1}, None, False),
        (None, None, False),
    ],
)
def test_a_banner_calls_for_a_flush_if_nobody_delivers(
    admin_client: Client, make_row: MakeRow, waiting: Any, seen: Any, shown: Any
) -> None:
    if waiting:
        waits_since(make_row("queued"), **waiting)
    if seen:
        beat(**seen)

    text = words(admin_client.get(MESSAGES))

    assert (BANNER in text) == shown
    assert ("manage.py hipchat_flush_outbox --watch" in text) == shown


def test_the_banner_says_since_when(admin_client: Client, make_row: MakeRow) -> None:
    waits_since(make_row("queued"), minutes=7)

    assert "waiting for 7 min, and no flush has ever been seen" in words(admin_client.get(MESSAGES))

    beat(hours=2)

    assert "and the last flush was seen 2 h ago" in words(admin_client.get(MESSAGES))


@pytest.mark.parametrize("values", [{"held": True}, {"deliver_at": "2126-01-01T00:00Z"}])
def test_what_waits_for_a_person_or_its_time_calls_for_no_flush(
    admin_client: Client, make_row: MakeRow, values: dict[str, Any]
) -> None:
    waits_since(make_row("queued", **values), hours=7)

    assert BANNER not in words(admin_client.get(MESSAGES))


@pytest.mark.parametrize("kind", ["immediate", "task"])
def test_other_work_is_no_sign_of_a_flush(
    admin_client: Client, make_row: MakeRow, kind: str
) -> None:
    waits_since(make_row("queued"), minutes=7)
    beat(kind, seconds=1)

    assert BANNER in words(admin_client.get(MESSAGES))


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        (["queued"] * 3, "queued 2+ sending 0"),
        (["queued"] * 2 + ["sending"], "queued 2+ sending 1"),
        (["sent"] * 3, "sent in the last hour 2+ failed in the last hour 0"),
        (["sent", "failed"], "sent in the last hour 1 failed in the last hour 1"),
        (["sent", "sent", "failed"], "sent in the last hour 2+ failed in the last hour 1"),
        (["failed"] * 3, "sent in the last hour 0 failed in the last hour 2+"),
    ],
)
def test_counting_ends_where_it_would_take_long(
    admin_client: Client,
    make_row: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
    statuses: list[str],
    shown: str,
) -> None:
    monkeypatch.setattr(panel, "MOST", 2)
    for status in statuses:
        make_row(status)

    assert shown in words(admin_client.get(MESSAGES))


def test_who_may_not_see_rooms_gets_no_way_to_them(log_in: LogIn) -> None:
    page = log_in("view_outboundmessage").get(MESSAGES).content.decode()

    assert "/room/?held=yes" not in page
    assert "rooms on hold" in page
