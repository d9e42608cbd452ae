"""Who may hold rooms, and who may not."""

from __future__ import annotations

import pytest
from django.test import Client

from djhipchat2.models import Room
from tests.admin.conftest import LogIn
from tests.admin.pages import ROOMS
from tests.admin.room_pages import HOLD, VIEW, at, from_list


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
