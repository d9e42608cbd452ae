"""Actions of the list of rooms: many are paused, resumed or drained."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.test import Client

from djhipchat2.models import Room
from tests.admin.pages import ROOMS, confirm, said, words
from tests.admin.room_pages import from_list


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
