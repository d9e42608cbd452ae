"""The list of rooms, and a room's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from djhipchat2.admin import RoomAdmin
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import MESSAGES, ROOMS, words


@pytest.fixture
def make_room(db: None) -> Callable[..., Room]:
    """Write a room's row."""

    def make(**values: Any) -> Room:
        return Room.objects.create(**{"connection": "default", "room_id": "Ops", **values})

    return make


MakeRoom = Callable[..., Room]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "Ops transcript all messages no hold 0 queued 0 sent no worker"),
        ({"failures": 1}, "no hold 0 queued 1 failure in a row"),
        (
            {"hold_reason": "rate_limited", "hold_until": "2026-11-25T05:34:00Z"},
            "‖ rate limited ends in 4 min 0 queued",
        ),
        (
            {
                "hold_reason": "paused",
                "hold_note": "moving",
                "held_at": "2020-11-25T03:00:01Z",
                "held_by": "anna",
            },
            "‖ paused until it is lifted moving by anna , 2191 d ago 0 queued",
        ),
        (
            {"hold_reason": "paused", "held_at": "2020-11-25T03:00:01Z"},
            "‖ paused until it is lifted since 2191 d ago 0 queued",
        ),
        (
            {"hold_reason": "unreachable", "hold_until": "2020-11-25T03:00:01Z", "failures": 6},
            "no hold unreachable, over 0 queued 6 failures in a row",
        ),
        (
            {"sent": 12_345, "last_sent_at": "2026-11-25T03:00:00Z"},
            "12,345 sent last 2 h ago no worker",
        ),
        (
            {
                "lease_token": "t",
                "lease_owner": "web1:7:Main",
                "lease_expires_at": "2026-11-25T06:00:00Z",
            },
            "web1:7:Main ends in 30 min",
        ),
        (
            {
                "lease_token": "t",
                "lease_owner": "web1:7:Main",
                "lease_expires_at": "2020-11-25T03:00:01Z",
            },
            "web1:7:Main gone silent; the next delivery takes over",
        ),
    ],
)
def test_the_list_shows_holds_failures_traffic_and_leases(
    admin_client: Client,
    make_room: MakeRoom,
    time_machine: Any,
    values: dict[str, Any],
    expected: str,
) -> None:
    time_machine.move_to("2026-11-25T05:30Z", tick=False)
    make_room(**values)

    assert expected in words(admin_client.get(ROOMS))


def test_the_page_shows_the_same(admin_client: Client, make_room: MakeRoom) -> None:
    room = make_room(hold_reason="paused")

    text = words(admin_client.get(f"{ROOMS}{room.pk}/change/"))

    assert "Connection: default Messages: transcript all messages Hold: ‖ paused" in text
    assert "Queue: 0 queued Failures: no failure Messages sent: 0 sent" in text


def test_filters_and_search(admin_client: Client, make_room: MakeRoom) -> None:
    make_room()
    make_room(connection="other", room_id="Dev", hold_reason="paused")

    for query in ({"held": "paused"}, {"held": "yes"}, {"connection": "other"}, {"q": "dev"}):
        response = admin_client.get(ROOMS, query)
        assert [room.room_id for room in response.context["cl"].result_list] == ["Dev"]


def test_a_room_leads_to_its_messages(admin_client: Client, make_room: MakeRoom) -> None:
    make_room(room_id="A&B")

    page = admin_client.get(ROOMS).content.decode()

    assert f'href="{MESSAGES}?connection=default&amp;room_id=A%26B">' in page


def test_the_row_of_a_whole_connection(admin_client: Client, make_room: MakeRoom) -> None:
    make_room(room_id="", hold_reason="paused")

    page = admin_client.get(ROOMS)

    assert "all rooms all messages ‖ paused until it is lifted" in words(page)
    assert f'href="{MESSAGES}?connection=default">' in page.content.decode()


def test_a_room_leads_nowhere_for_who_may_not_see_messages(
    log_in: LogIn, make_room: MakeRoom
) -> None:
    room = make_room()
    client = log_in("view_room")

    for address in (ROOMS, f"{ROOMS}{room.pk}/change/"):
        text = words(client.get(address))
        assert "0 sent" in text
        assert "all messages" not in text


def test_a_site_of_ones_own_may_have_rooms_alone(rf: Any) -> None:
    request: HttpRequest = rf.get("/")
    alone = RoomAdmin(Room, admin.AdminSite("own"))

    assert "traffic" in alone.get_list_display(request)


def test_rooms_are_not_shown_to_everybody(log_in: LogIn, make_room: MakeRoom) -> None:
    make_room()

    assert log_in("view_outboundmessage").get(ROOMS).status_code == 403


def test_the_queries_are_few_and_count_the_table_once(
    admin_client: Client, make_room: MakeRoom
) -> None:
    def queries() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(ROOMS)
        return [query["sql"] for query in captured.captured_queries]

    make_room()
    of_one = queries()
    for number in range(20):
        make_room(room_id=str(number), hold_reason="paused")
    of_many = queries()

    assert len(of_many) == len(of_one)
    assert len([sql for sql in of_many if "COUNT(" in sql]) == 1


def test_the_page_keeps_to_a_strict_content_security_policy(
    admin_client: Client, make_room: MakeRoom, no_inline_code: Callable[[Any], None]
) -> None:
    make_room(hold_reason="paused")

    no_inline_code(admin_client.get(ROOMS))


def test_long_queues_are_not_counted(
    admin_client: Client, ops: Room, make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from djhipchat2.admin import room_columns

    monkeypatch.setattr(room_columns, "MOST", 2)
    Room.objects.create(connection="default", room_id="Quiet")
    for _ in range(3):
        make_row("queued")
    make_row("queued", room_id="Quiet")
    make_row("sent", room_id="Quiet")

    text = words(admin_client.get(ROOMS))

    assert "Ops transcript all messages no hold 2+ queued" in text
    assert "Quiet transcript all messages no hold 1 queued" in text
    assert "Queue: 2+ queued" in words(admin_client.get(f"{ROOMS}{ops.pk}/change/"))


def test_rooms_count_no_table(admin_client: Client, ops: Room) -> None:
    assert OutboundMessage.objects.count() == 0
    assert "No room was delivered to yet" not in words(admin_client.get(ROOMS))
    Room.objects.all().delete()
    assert "No room was delivered to yet" in words(admin_client.get(ROOMS))
