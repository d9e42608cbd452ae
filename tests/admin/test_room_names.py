"""Names of rooms that are suggested while somebody types."""

from __future__ import annotations

import pytest
from django.test import Client

from djhipchat2.models import Room
from tests.admin.conftest import LogIn
from tests.admin.pages import ROOMS
from tests.admin.room_pages import VIEW


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
