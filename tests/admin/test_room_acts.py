from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from djhipchat2.admin import room_acts
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import ROOMS, confirm, said, words
from tests.scripted import PATH, Script

VIEW, HOLD = "view_room", "hold_room"


@pytest.fixture
def keeper(log_in: LogIn) -> Client:
    """Somebody who may see rooms and hold them."""
    return log_in(VIEW, HOLD)


@pytest.fixture
def ops(db: None) -> Room:
    return Room.objects.create(connection="default", room_id="Ops")


def at(room: Any, act: str) -> str:
    return f"{ROOMS}{room.pk}/{act}/"


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


@pytest.fixture
def six(db: None) -> list[Room]:
    return [Room.objects.create(connection="default", room_id=f"R{number}") for number in range(6)]


def from_list(client: Client, action: str, rooms: list[Room]) -> Any:
    data = {"action": action, "_selected_action": [room.pk for room in rooms]}
    return client.post(ROOMS, data)


def test_many_rooms_are_paused_and_resumed(keeper: Client, six: list[Room]) -> None:
    names = "R0 (default), R1 (default), R2 (default), R3 (default), R4 (default), …"

    asked = from_list(keeper, "pause_rooms", six)
    assert f"Pause: {names}" in words(asked)
    paused = confirm(keeper, asked, note="Incident")

    assert Room.objects.filter(hold_note="Incident").count() == 6
    assert said(paused) == [f"success: Paused: {names}."]

    resumed = confirm(keeper, from_list(keeper, "resume_rooms", six))

    assert not Room.objects.exclude(hold_reason="").exists()
    assert said(resumed)[-1] == f"success: Resumed: {names}."
    assert LogEntry.objects.count() == 12


def test_many_rooms_are_drained(keeper: Client, six: list[Room]) -> None:
    drained = confirm(keeper, from_list(keeper, "drain_rooms", six[:1]))

    assert said(drained) == ["success: Delivery set off: R0 (default)."]


def test_a_note_for_many_that_is_too_long_is_told(keeper: Client, six: list[Room]) -> None:
    response = confirm(keeper, from_list(keeper, "pause_rooms", six), note="x" * 201)

    assert "at most 200 characters" in words(response)
    assert response.context["numbers"] == ",".join(str(room.pk) for room in six)


def test_who_comes_without_pressing_is_led_to_the_list(keeper: Client, db: None) -> None:
    response = keeper.get(f"{ROOMS}act/pause/", follow=True)

    assert said(response) == ["warning: Nothing was done. Select the rooms again."]


def test_there_is_no_other_act(keeper: Client, db: None) -> None:
    assert keeper.post(f"{ROOMS}act/delete/").status_code == 404


@pytest.mark.parametrize("permissions", [[], [VIEW], [HOLD], ["change_room", "delete_room"]])
def test_who_may_not_hold_rooms(log_in: LogIn, ops: Room, permissions: list[str]) -> None:
    client = log_in(*permissions)

    for act in ("pause", "resume", "drain"):
        assert client.get(at(ops, act)).status_code == 403
        assert client.post(at(ops, act)).status_code == 403
        assert client.post(f"{ROOMS}act/{act}/", {"rows": ops.pk}).status_code == 403
        assert from_list(client, f"{act}_rooms", [ops]).status_code == 403
    assert client.post(f"{ROOMS}pause/", {"connection": "default"}).status_code == 403
    if VIEW in permissions:
        assert client.get(f"{ROOMS}{ops.pk}/change/").context["acts"] == []
        assert b"Pause a room" not in client.get(ROOMS).content
    ops.refresh_from_db()
    assert ops.hold_reason == ""


def test_an_anonymous_visitor_is_sent_to_the_log_in(client: Client, ops: Room) -> None:
    for address in (at(ops, "pause"), f"{ROOMS}pause/", f"{ROOMS}names/", at(ops, "transcript")):
        assert client.post(address)["Location"].startswith("/admin/login/")


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


def test_names_are_suggested(admin_client: Client, db: None) -> None:
    for name in ("Ops", "Dev ops", "opera", "Shop", ""):
        Room.objects.create(connection="default", room_id=name)

    def suggested(typed: str) -> list[str]:
        names: list[str] = admin_client.get(f"{ROOMS}names/", {"q": typed}).json()["names"]
        return names

    found = suggested("op")
    # Those that begin with it come first; the order of capitals is the database's own.
    assert (set(found[:2]), set(found[2:])) == ({"Ops", "opera"}, {"Dev ops", "Shop"})
    assert len(suggested("")) == 4


def test_of_many_names_some_are_suggested(
    admin_client: Client, six: list[Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    from djhipchat2.admin import rooms

    monkeypatch.setattr(rooms, "SUGGESTED", 2)

    assert admin_client.get(f"{ROOMS}names/", {"q": "r"}).json() == {"names": ["R0", "R1"]}


@pytest.mark.parametrize(
    ("permissions", "status"),
    [([], 403), (["send_outboundmessage"], 403), ([VIEW], 200), (["view_outboundmessage"], 200)],
)
def test_who_is_told_names(log_in: LogIn, permissions: list[str], status: int) -> None:
    assert log_in(*permissions).get(f"{ROOMS}names/").status_code == status


def test_rooms_count_no_table(admin_client: Client, ops: Room) -> None:
    assert OutboundMessage.objects.count() == 0
    assert "No room was delivered to yet" not in words(admin_client.get(ROOMS))
    Room.objects.all().delete()
    assert "No room was delivered to yet" in words(admin_client.get(ROOMS))
