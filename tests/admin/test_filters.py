from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from djhipchat2.admin import OutboundMessageAdmin
from djhipchat2.admin.written import written_between
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, words
from tests.admin.test_list import Find, find

__all__ = ["find"]


@pytest.fixture
def written(make_row: MakeRow) -> Any:
    """Write a message at a time."""

    def at(moment: str) -> int:
        row = make_row()
        OutboundMessage.objects.filter(pk=row.pk).update(created=moment)
        return row.pk

    return at


def test_filters_by_time(find: Find, written: Any, time_machine: Any) -> None:
    last_week = written("2026-11-20T12:00Z")
    yesterday = written("2026-11-24T23:59Z")
    morning = written("2026-11-25T00:00Z")
    soon = written("2026-11-25T09:45Z")
    time_machine.move_to("2026-11-25T10:30Z", tick=False)

    assert find(written="hour") == [soon]
    assert find(written="today") == [soon, morning]
    assert find(written="week") == [soon, morning, yesterday, last_week]
    assert find(written_from="2026-11-24T23:59") == [soon, morning, yesterday]
    assert find(written_to="2026-11-24T23:59") == [last_week]
    assert find(written_from="2026-11-24T00:00", written_to="2026-11-25T00:00") == [yesterday]
    assert find(written_from="2030-01-01T00:00") == []
    assert find(written_to="2020-01-01T00:00") == []
    assert len(find(written_from="nonsense", written_to="2026-99-99T00:00")) == 4
    assert len(find(written="nonsense")) == 4


def test_times_are_meant_in_the_users_zone(find: Find, written: Any, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    number = written("2026-11-25T03:00Z")

    assert find(written_from="2026-11-25T08:30") == [number]
    assert find(written_from="2026-11-25T08:31") == []
    assert find(written_from="2026-11-25T03:00:00Z") == [number]


def test_the_address_may_name_the_zone_of_days_and_times(
    find: Find, written: Any, time_machine: Any
) -> None:
    evening, night = written("2026-11-25T04:59Z"), written("2026-11-25T05:00Z")
    time_machine.move_to("2026-11-25T10:30Z", tick=False)
    zone = {"written_zone": "America/New_York"}

    assert find(written="today", **zone) == [night]
    assert find(written="week", **zone) == [night, evening]
    assert find(written_from="2026-11-25T00:00", **zone) == [night]
    assert find(written_to="2026-11-25T00:00", **zone) == [evening]
    assert find(written_from="2026-11-25T05:00Z", **zone) == [night]
    assert find(**zone) == [night, evening]


@pytest.mark.parametrize(
    "name", ["", "Nowhere/Else", "America", "../etc/passwd", "/etc", "x" * 300]
)
def test_a_zone_that_nobody_knows_is_the_current_one(find: Find, written: Any, name: str) -> None:
    number = written("2026-11-25T03:00Z")

    assert find(written_from="2026-11-25T03:00", written_zone=name) == [number]
    assert find(written_from="2026-11-25T03:01", written_zone=name) == []


@pytest.mark.parametrize(
    ("query", "zone", "kind"),
    [
        ({}, "UTC", "site"),
        ({"written": "hour"}, "UTC", "chosen"),
        ({"written_from": "2026-11-25T03:00"}, "UTC", "chosen"),
        ({"written": "today", "written_zone": "Asia/Tokyo"}, "Asia/Tokyo", "chosen"),
    ],
)
def test_the_form_names_its_zone(
    admin_client: Client, query: dict[str, str], zone: str, kind: str
) -> None:
    page = admin_client.get(MESSAGES, query)

    assert f"Time zone: {zone}" in words(page)
    assert f'name="written_zone" value="{zone}"' in page.content.decode()
    assert f'class="hipchat-filter" data-hipchat-zone="{kind}"' in page.content.decode()


def test_times_without_zones(make_row: MakeRow, settings: Any, find: Find) -> None:
    settings.USE_TZ = False
    row = make_row(finished_at="2026-11-25 03:00:00")

    assert find(written="today") == find(written_from="2026-01-01T00:00") == [row.pk]
    assert find(written_from="2126-01-01T00:00Z") == []


def test_numbers_out_of_step_with_times_are_found(make_row: MakeRow) -> None:
    late, early = make_row().pk, make_row().pk
    now = timezone.now()
    OutboundMessage.objects.filter(pk=late).update(created=now + timedelta(minutes=2))
    rows = OutboundMessage.objects.all()

    assert set(written_between(rows, now - timedelta(hours=1), None)) == set(rows)
    assert written_between(rows, None, now + timedelta(minutes=1)).get().pk == early


def test_a_room_is_found_in_each_connection(find: Find, make_row: MakeRow) -> None:
    Room.objects.create(connection="other", room_id="Ops")
    here, there = make_row(), make_row(connection="other")
    make_row(room_id="Dev")

    assert find(room_id="Ops") == [there.pk, here.pk]
    assert find(room_id=" Ops ", connection="other") == [there.pk]
    assert len(find(room_id="")) == 3


def test_the_forms_keep_the_other_filters(admin_client: Client, make_row: MakeRow) -> None:
    make_row("sent")

    query = {"status__exact": "sent", "room_id": "Ops", "q": "hello", "written": "hour"}
    page = admin_client.get(MESSAGES, query).content.decode()

    room_form = page.split('id="hipchat-room" name="room_id" value="Ops"')[0].rsplit("<form", 1)[1]
    for name, value in (("status__exact", "sent"), ("q", "hello"), ("written", "hour")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in room_form
    search_form = page.split('id="changelist-search"')[1].split("</form>")[0]
    assert '<input type="hidden" name="room_id" value="Ops">' in search_form
    assert ">All rooms</a>" in page


def test_there_is_no_list_of_rooms_to_choose_from(admin_client: Client, make_row: MakeRow) -> None:
    Room.objects.create(connection="default", room_id="A room of 170,000")
    make_row()

    page = admin_client.get(MESSAGES).content.decode()

    assert "A room of 170,000" not in page
    assert 'data-hipchat-suggest="/admin/djhipchat2/room/names/"' in page


def test_the_search_by_number_finds_it_and_what_has_it_in_its_text(
    find: Find, make_row: MakeRow
) -> None:
    rows = [make_row() for _ in range(3)]
    mentions = make_row(message=f"see {rows[0].pk}")

    assert find(q=f"#{rows[0].pk}") == [rows[0].pk]
    assert find(q=str(rows[0].pk))[:1] == [rows[0].pk]
    assert mentions.pk in find(q=str(rows[0].pk))
    assert find(q="9" * 30) == []


def test_a_site_of_ones_own_may_have_messages_alone(rf: Any, admin_user: Any) -> None:
    request: HttpRequest = rf.get("/")
    request.user = admin_user
    alone = OutboundMessageAdmin(OutboundMessage, admin.AdminSite("own"))

    assert alone.rooms_address(request) == ""


def test_without_rooms_nothing_is_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.urls import NoReverseMatch

    from djhipchat2.admin import readonly

    def no_such(*args: Any, **kwargs: Any) -> str:
        raise NoReverseMatch

    monkeypatch.setattr(readonly, "reverse", no_such)

    assert readonly.suggestions("own") == ""


def test_held_messages_are_marked(admin_client: Client, make_row: MakeRow) -> None:
    make_row("queued", held=True)

    assert "○ queued 0 attempts to be decided" in words(admin_client.get(MESSAGES))
