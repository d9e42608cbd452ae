"""The wall of a room's messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from djhipchat2.admin import preview, transcript
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import ROOMS, page_of, said, words
from tests.admin.test_escaping import ATTACKS


def wall_of(room: Any) -> str:
    return f"{ROOMS}{room.pk}/transcript/"


def test_a_room_is_read_in_the_order_of_the_chat(
    admin_client: Client, ops: Room, make_row: MakeRow
) -> None:
    first = make_row("sent", message="one", message_format="text")
    make_row("sent", room_id="Dev", message="elsewhere")
    make_row("sent", connection="other", message="elsewhere")
    make_row("queued", message="<b>two</b>", color="red")

    response = admin_client.get(wall_of(ops))
    page = response.content.decode()

    text = words(response)
    assert text.index("one") < text.index("two")
    assert "elsewhere" not in text
    assert '<div class="hipchat-bubble-text" dir="auto"><b>two</b></div>' in page
    assert 'class="hipchat-line hipchat-color-red"' in page
    assert f'href="{page_of(first)}"' in page


def test_older_messages_come_by_the_page(
    admin_client: Client, ops: Room, make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "SHOWN", 2)
    rows = [make_row("sent") for _ in range(5)]

    def shown(place: str = "") -> list[int]:
        lines = admin_client.get(f"{wall_of(ops)}?p={place}").context["lines"]
        return [line.row.pk for line in lines]

    numbers = [row.pk for row in rows]
    assert shown() == numbers[3:]
    assert shown(f"-{numbers[3]}") == numbers[1:3]
    assert shown(f"~{numbers[0]}") == numbers[1:3]
    page = admin_client.get(f"{wall_of(ops)}?p=-{numbers[3]}").content.decode()
    assert f'<a rel="next" href="?p=-{numbers[1]}">Older messages</a>' in page
    assert f'<a rel="prev" href="?p=~{numbers[2]}">Newer messages</a>' in page
    assert "data-hipchat-since" not in page


def test_an_open_page_is_told_what_is_new(
    admin_client: Client, ops: Room, make_row: MakeRow
) -> None:
    old, first = make_row("sent", message="old"), make_row("sent", message="first")
    page = admin_client.get(wall_of(ops)).content.decode()
    assert f'data-hipchat-since="{old.pk}"' in page

    make_row("sent", message="new")
    html = admin_client.get(wall_of(ops), {"since": first.pk}).json()["html"]

    assert html.index("first") < html.index("new")
    assert "old" not in html


def test_an_empty_room_says_so(admin_client: Client, ops: Room) -> None:
    assert "Nothing was sent to this room yet" in words(admin_client.get(wall_of(ops)))
    assert admin_client.get(wall_of(ops), {"since": 0}).json()["html"].strip() == ""


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("message_format", ["text", "html"])
def test_attacks_are_inert_on_the_wall(
    admin_client: Client, ops: Room, make_row: MakeRow, attack: str, message_format: str
) -> None:
    make_row("sent", message=attack, sender=attack[:64], message_format=message_format)

    wall = admin_client.get(wall_of(ops)).content.decode().split("hipchat-wall", 2)[2]
    wall = wall.split("</ol>")[0]

    for word in ("<script", "<img", "<svg", "<style", "<iframe", 'href="javascript:'):
        assert word not in wall


def test_without_the_sanitizer_the_source_is_shown(
    admin_client: Client, ops: Room, make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "nh3", None)
    make_row("sent", message="<b>x</b>")

    assert "&lt;b&gt;x&lt;/b&gt;</pre>" in admin_client.get(wall_of(ops)).content.decode()


def test_a_whole_connection_has_no_transcript(admin_client: Client, db: None) -> None:
    whole = Room.objects.create(connection="default", room_id="")

    assert admin_client.get(wall_of(whole)).status_code == 404


def test_a_room_that_is_gone(admin_client: Client, ops: Room) -> None:
    address = wall_of(ops)
    ops.delete()

    response = admin_client.get(address, follow=True)

    assert said(response) == ["warning: This room does not exist any more."]


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        ([], 403),
        (["view_room", "hold_room"], 403),
        (["view_outboundmessage"], 403),
        (["view_room", "view_outboundmessage"], 200),
    ],
)
def test_who_may_read_it(log_in: LogIn, ops: Room, permissions: list[str], status: int) -> None:
    client = log_in(*permissions)

    assert client.get(wall_of(ops)).status_code == status
    assert client.get(wall_of(ops), {"since": 0}).status_code == status


def test_the_page_keeps_to_a_strict_content_security_policy(
    admin_client: Client, ops: Room, make_row: MakeRow, no_inline_code: Callable[[Any], None]
) -> None:
    make_row("sent")

    no_inline_code(admin_client.get(wall_of(ops)))
    assert OutboundMessage.objects.count() == 1
