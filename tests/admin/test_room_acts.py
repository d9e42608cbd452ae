"""A room is paused, resumed and drained from its page, a connection or a new room from the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from djhipchat2.admin import room_acts
from djhipchat2.models import Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import ROOMS, said, words
from tests.admin.room_pages import at
from tests.scripted import PATH, Script


def press(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, {"post": "yes", **data}, follow=True)


def test_a_room_is_paused_with_a_note(keeper: Client, ops: Room) -> None:
    response = press(keeper, at(ops, "pause"), note="Incident 42")

    ops.refresh_from_db()
    assert (ops.hold_reason, ops.hold_note, ops.held_by) == ("paused", "Incident 42", "anna")
    assert response.redirect_chain == [(f"{ROOMS}{ops.pk}/change/", 302)]
    assert said(response) == ["success: Paused: Ops (default)."]
    assert LogEntry.objects.get().change_message == "Paused: Incident 42"
    assert "‖ paused until it is lifted Incident 42 by anna" in words(response)


def test_a_note_is_not_needed(keeper: Client, ops: Room) -> None:
    press(keeper, at(ops, "pause"))

    assert LogEntry.objects.get().change_message == "Paused."


def test_a_note_that_is_too_long_is_told(keeper: Client, ops: Room) -> None:
    response = press(keeper, at(ops, "pause"), note="x" * 201)

    assert "at most 200 characters" in words(response)
    ops.refresh_from_db()
    assert ops.hold_reason == ""


@pytest.mark.django_db(transaction=True)
def test_resuming_lifts_any_hold_and_delivers(
    keeper: Client, ops: Room, make_row: MakeRow, settings: Any, chat: Script
) -> None:
    settings.HIPCHAT_BACKEND = PATH
    Room.objects.filter(pk=ops.pk).update(
        hold_reason="rate_limited", hold_until="2126-01-01T00:00Z"
    )
    row = make_row("queued")

    response = press(keeper, at(ops, "resume"))

    row.refresh_from_db()
    assert row.status == "sent"
    assert said(response) == ["success: Resumed: Ops (default)."]
    assert LogEntry.objects.get().change_message == "Resumed."


def test_a_second_press_resumes_nothing(keeper: Client, ops: Room) -> None:
    response = press(keeper, at(ops, "resume"))

    assert said(response) == ["warning: Nothing held Ops (default)."]
    assert not LogEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_draining_delivers_what_is_due(
    keeper: Client, ops: Room, make_row: MakeRow, settings: Any, chat: Script
) -> None:
    settings.HIPCHAT_BACKEND = PATH
    make_row("queued", message="a")
    make_row("queued", message="b")

    response = press(keeper, at(ops, "drain"))

    assert chat.texts == ["a", "b"]
    assert said(response) == ["success: Delivery set off: Ops (default)."]
    assert LogEntry.objects.get().change_message == "Drained."


@pytest.mark.django_db(transaction=True)
def test_draining_a_connection_delivers_to_its_rooms(
    keeper: Client, make_row: MakeRow, settings: Any, chat: Script
) -> None:
    settings.HIPCHAT_BACKEND = PATH
    whole = Room.objects.create(connection="default", room_id="")
    make_row("queued", message="a", room_id="A")
    make_row("queued", message="b", room_id="B")

    press(keeper, at(whole, "drain"))

    assert chat.texts == ["a", "b"]


def test_nobody_waits_long_for_a_drain(ops: Room) -> None:
    assert list(room_acts.drain([ops], patience=0)) == []


def test_a_drain_that_was_not_in_time_says_so(
    keeper: Client, ops: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_acts, "drain", lambda rooms: iter([]))

    response = press(keeper, at(ops, "drain"))

    assert said(response) == ["warning: Nothing set off in time; the next flush delivers."]


@pytest.mark.parametrize("act", ["pause", "resume", "drain"])
def test_looking_at_the_page_that_asks_changes_nothing(
    keeper: Client, ops: Room, act: str, no_inline_code: Callable[[Any], None]
) -> None:
    response = keeper.get(at(ops, act))

    assert "Ops (default)" in words(response)
    no_inline_code(response)
    ops.refresh_from_db()
    assert ops.hold_reason == ""
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("act", ["pause", "resume", "drain"])
def test_a_room_that_is_gone(keeper: Client, ops: Room, act: str) -> None:
    address = at(ops, act)
    ops.delete()

    response = press(keeper, address)

    assert said(response) == ["warning: This room does not exist any more."]


def test_a_connection_without_a_row_is_paused(keeper: Client) -> None:
    assert f'href="{ROOMS}pause/"' in keeper.get(ROOMS).content.decode()
    response = press(keeper, f"{ROOMS}pause/", connection="default", note="moving")

    whole = Room.objects.get()
    assert (whole.room_id, whole.hold_reason, whole.hold_note) == ("", "paused", "moving")
    assert said(response) == ["success: Paused: all rooms (default)."]


def test_a_room_without_a_row_is_paused(keeper: Client) -> None:
    press(keeper, f"{ROOMS}pause/", connection="default", room_id="New")

    assert Room.objects.get().hold_reason == "paused"


def test_a_connection_that_does_not_exist_is_not_paused(keeper: Client) -> None:
    assert keeper.get(f"{ROOMS}pause/").status_code == 200
    response = press(keeper, f"{ROOMS}pause/", connection="gone")

    assert "Select a valid choice." in words(response)
    assert not Room.objects.exists()
