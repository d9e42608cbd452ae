from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from djhipchat2.admin import changelists, pages
from djhipchat2.admin.messages import OutboundMessageAdmin
from djhipchat2.admin.pages import Newest, Place
from djhipchat2.admin.rooms import RoomAdmin
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, ROOMS, words

Walk = Callable[..., list[list[Any]]]


@pytest.fixture
def walk(admin_client: Client) -> Walk:
    """Return the rows of each page of a list, following links of a kind from an address."""

    def walk_on(address: str, word: str = "next") -> list[list[Any]]:
        found: list[list[Any]] = []
        place, link = address.split("?")[0], address
        while link:
            response = admin_client.get(link)
            found.append([row.pk for row in response.context["cl"].result_list])
            match = re.search(rf'rel="{word}" href="([^"]*)"', response.content.decode())
            link = place + match[1].replace("&amp;", "&") if match else ""
        return found

    return walk_on


@pytest.fixture
def three_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    for admin in (OutboundMessageAdmin, RoomAdmin):
        monkeypatch.setattr(admin, "list_per_page", 3)


@pytest.mark.usefixtures("three_a_page")
@pytest.mark.parametrize(
    "query", ["", "?color__exact=yellow", "?q=hello", "?attention=yes", "?status__exact=failed"]
)
def test_pages_follow_each_other_both_ways(make_row: MakeRow, walk: Walk, query: str) -> None:
    numbers = [make_row("failed").pk for _ in range(8)][::-1]

    forward = walk(MESSAGES + query)
    sign = "&" if query else "?"
    back = walk(f"{MESSAGES}{query}{sign}p=-{numbers[5]}", "prev")

    assert forward == [numbers[:3], numbers[3:6], numbers[6:]]
    assert back == [numbers[6:], numbers[3:6], numbers[:3]]


@pytest.mark.usefixtures("three_a_page")
def test_what_needs_attention_comes_in_one_order(make_row: MakeRow, walk: Walk) -> None:
    make_row("sent")
    make_row("sent", resend_of=make_row("failed"))
    rows = [
        make_row("failed"),
        make_row("queued", held=True),
        make_row("expired"),
        make_row("failed"),
    ]
    make_row("queued")

    numbers = [row.pk for row in rows][::-1]
    assert walk(f"{MESSAGES}?attention=yes") == [numbers[:3], numbers[3:]]


def test_a_page_that_is_not_found_says_so(admin_client: Client, make_row: MakeRow) -> None:
    make_row()

    assert "Nothing matches." in words(admin_client.get(MESSAGES, {"q": "needle"}))


@pytest.mark.parametrize(
    "place", ["", "x", "7", "-", "-x", "~", "-²", f"-{2**63}", "-" + "9" * 5_000]
)
def test_a_place_that_cannot_be_read_is_the_beginning(place: str) -> None:
    assert Place.read(place) == Place()


@pytest.mark.parametrize("place", [Place(7), Place(7, forward=False), Place(2**63 - 1)])
def test_a_place_is_read_as_it_was_written(place: Place) -> None:
    assert Place.read(str(place)) == place


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "FIRST_STRETCH", 2)
    monkeypatch.setattr(pages, "GROWTH", 1)


@pytest.mark.usefixtures("small_stretches")
def test_a_search_ends_when_the_time_is_up_and_goes_on_from_there(make_row: MakeRow) -> None:
    needle = make_row(message="needle")
    others = [make_row() for _ in range(5)]
    rows = OutboundMessage.objects.filter(message="needle")

    hurried = Newest(3, patience=0)
    first = hurried.search(rows, Place())
    second = hurried.search(rows, first.following or Place())
    third = hurried.search(rows, second.following or Place())

    assert (first.rows, first.reached) == ([], others[3].pk)
    assert (second.rows, second.reached) == ([], others[1].pk)
    assert (third.rows, third.reached, third.following) == ([needle], None, None)


@pytest.mark.usefixtures("small_stretches")
def test_a_search_backwards_ends_when_the_time_is_up(make_row: MakeRow) -> None:
    rows = [make_row() for _ in range(5)]
    needles = OutboundMessage.objects.filter(message="needle")

    found = Newest(3, patience=0).search(needles, Place(rows[0].pk, forward=False))

    assert found.reached == rows[2].pk
    assert found.previous == Place(rows[2].pk, forward=False)


@pytest.mark.usefixtures("small_stretches")
def test_a_patient_search_reads_the_whole_table(make_row: MakeRow) -> None:
    needle = make_row(message="needle")
    for _ in range(9):
        make_row()
    rows = OutboundMessage.objects.filter(message="needle")

    found = Newest(3, patience=60).search(rows, Place())

    assert (found.rows, found.following, found.reached) == ([needle], None, None)


def test_a_search_in_an_empty_table_finds_nothing(db: None) -> None:
    assert Newest(3).search(OutboundMessage.objects.all(), Place()).rows == []


def test_an_interrupted_search_says_so(
    admin_client: Client, make_row: MakeRow, small_stretches: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changelists, "Newest", partial(Newest, patience=0))
    for _ in range(5):
        make_row()

    text = words(admin_client.get(MESSAGES, {"q": "needle"}))

    assert "it was interrupted. Nothing found yet. Search on" in text


@pytest.mark.usefixtures("three_a_page")
def test_rooms_come_by_connection_and_name(db: None, walk: Walk) -> None:
    names = [("b", "2"), ("a", "4"), ("b", "1"), ("a", "3"), ("a", ""), ("c", "1"), ("b", "3")]
    rooms = {
        (connection, name): Room.objects.create(connection=connection, room_id=name).pk
        for connection, name in names
    }
    numbers = [rooms[name] for name in sorted(names)]

    assert walk(ROOMS) == [numbers[:3], numbers[3:6], numbers[6:]]
    assert walk(f"{ROOMS}?p=-{numbers[5]}", "prev") == [numbers[6:], numbers[3:6], numbers[:3]]


def test_a_page_of_rooms_beside_one_that_is_gone_is_the_first(db: None, walk: Walk) -> None:
    room = Room.objects.create(connection="default", room_id="Ops")

    assert walk(f"{ROOMS}?p=-{room.pk + 100}") == [[room.pk]]
