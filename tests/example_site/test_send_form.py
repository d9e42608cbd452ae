"""The example site's page, over HTTP, in front of the local HipChat server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.example_site.conftest import Visitor, running_site
from tests.hipchat_server import HipChatServer

pytestmark = pytest.mark.once


def test_a_message_is_sent_as_filled_in(visitor: Visitor, hipchat_server: HipChatServer) -> None:
    page = visitor.send(
        room_id="Form",
        message="Ship it",
        sender="Ann",
        message_format="html",
        color="purple",
        notify="on",
    )

    assert page.notices == [("success", "Sent to Form.")]
    (arrived,) = hipchat_server.messages("Form")
    assert arrived["message"] == "Ship it"
    assert arrived["from"] == "Ann"
    assert arrived["message_format"] == "html"
    assert arrived["color"] == "purple"
    assert arrived["notify"] is True


def test_the_list_shows_a_sent_message(visitor: Visitor) -> None:
    page = visitor.send(room_id="Form list", message="Shown below", sender="Ann")

    assert '<span class="status sent">sent</span>' in page.latest
    assert "<strong>Form list</strong>" in page.latest
    assert "from Ann" in page.latest
    assert "Shown below" in page.latest


def test_without_a_sender_the_default_one_is_used(
    visitor: Visitor, hipchat_server: HipChatServer
) -> None:
    visitor.send(room_id="Form sender", sender="")

    (arrived,) = hipchat_server.messages("Form sender")
    assert arrived["from"] == "Example"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("room_id", " ", "Room must be a room's id or name of 1 to 100 characters."),
        ("room_id", "r" * 101, "Room must be a room's id or name of 1 to 100 characters."),
        ("message", "", "Message must not be empty."),
        (
            "message",
            "m" * 10_001,
            "Message has 10,001 characters; HipChat takes 10,000 at most. Shorten or split it.",
        ),
        ("sender", "s" * 16, "Sender must have 1 to 15 characters in HipChat's API v1, not 16."),
        (
            "sender",
            "Ann & Bob",
            "Sender may have letters, numbers, -, _ and spaces in HipChat's API v1, not '&'.",
        ),
        ("message_format", "markdown", "Format must be one of html, text."),
        ("color", "puce", "Colour must be one of yellow, red, green, purple, gray, random."),
    ],
)
def test_a_bad_field_gets_its_own_error_and_nothing_is_sent(
    visitor: Visitor, hipchat_server: HipChatServer, field: str, value: str, error: str
) -> None:
    page = visitor.send(**{"message": "Kept text", field: value})

    assert page.errors == {field: error}
    assert page.notices == [("error", "Not sent. Correct what is marked, then send again.")]
    assert hipchat_server.messages() == []


def test_all_bad_fields_are_marked_at_once(visitor: Visitor) -> None:
    page = visitor.send(room_id="", message="", sender="!", color="")

    assert sorted(page.errors) == ["color", "message", "room_id", "sender"]


def test_the_text_is_kept_when_another_field_is_wrong(visitor: Visitor) -> None:
    page = visitor.send(message="A long text\nthat nobody types twice", sender="!")

    assert "A long text\nthat nobody types twice</textarea>" in page.text


def test_line_ends_count_as_one_character(visitor: Visitor, hipchat_server: HipChatServer) -> None:
    page = visitor.send(room_id="Lines", message="1\r\n" * 4_999 + "22")

    assert page.notices == [("success", "Sent to Lines.")]
    (arrived,) = hipchat_server.messages("Lines")
    assert len(arrived["message"]) == 10_000


def test_a_server_that_is_down_leaves_the_message_queued_with_the_reason(
    visitor: Visitor, hipchat_server: HipChatServer
) -> None:
    hipchat_server.fault("unavailable")

    page = visitor.send(room_id="Down", message="For later")

    assert page.notices == [
        (
            "warning",
            "Queued for Down, it will be tried again. HTTP 503: Service Unavailable",
        )
    ]
    assert '<span class="status queued">queued</span>' in page.latest
    assert "1 attempt · HTTP 503: Service Unavailable · next attempt " in page.latest


def test_a_message_on_hold_is_told_from_one_that_failed(
    tmp_path: Path, hipchat_server: HipChatServer
) -> None:
    hipchat_server.fault("rate_limited", retry_after=60)

    # A site of its own: a limit of the token holds every room.
    with running_site(tmp_path, hipchat_server, token="TOK") as url:
        visitor = Visitor(url)
        visitor.send(room_id="Full")
        page = visitor.send(room_id="Full", message="Not tried yet")

    assert page.notices == [
        ("warning", "Queued for Full, it will be sent later. The room is busy or on hold.")
    ]
    assert hipchat_server.counts()["requests"] == 1


def test_a_server_that_refuses_is_quoted(tmp_path: Path, hipchat_server: HipChatServer) -> None:
    with running_site(tmp_path, hipchat_server, token="wrong-secret") as url:
        page = Visitor(url).send(room_id="Refused", message="Never arrives")

    ((kind, words),) = page.notices
    assert kind == "error"
    assert words.startswith("Not sent to Refused. HTTP 401: Auth token invalid.")
    assert '<span class="status failed">failed</span>' in page.latest
    assert "wrong-secret" not in page.text


def test_markup_in_a_message_is_shown_not_run(visitor: Visitor) -> None:
    page = visitor.send(room_id="<i>Room", message="<script>alert(1)</script>", sender="Ann")

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.latest
    assert "&lt;i&gt;Room" in page.latest
    assert page.notices == [("success", "Sent to <i>Room.")]
    assert "<script" not in page.text
    assert "<i>" not in page.text


def test_markup_in_a_refused_form_is_shown_not_run(visitor: Visitor) -> None:
    page = visitor.send(message="</textarea><script>alert(1)</script>", sender='"><script>')

    assert "sender" in page.errors
    assert "<script" not in page.text


def test_room_and_sender_are_remembered_for_the_next_message(visitor: Visitor) -> None:
    page = visitor.send(room_id="Usual room", sender="Usual Ann")

    assert 'name="room_id" value="Usual room"' in page.text
    assert 'name="sender" value="Usual Ann"' in page.text


def test_a_post_from_elsewhere_is_refused(visitor: Visitor, hipchat_server: HipChatServer) -> None:
    page = visitor.send(csrfmiddlewaretoken="forged")

    assert page.status == 403
    assert hipchat_server.messages() == []


def test_the_page_links_to_the_admin(visitor: Visitor) -> None:
    page = visitor.get()

    assert '<a href="/admin/">Admin</a>' in page.text
    assert 'name="password"' in visitor.get("admin/").text


def test_the_page_needs_nothing_inline_and_nobody_else(visitor: Visitor) -> None:
    page = visitor.get()

    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert "/static/example/site.css" in addresses
    assert all(address.startswith(("/", "#")) for address in addresses)
    assert not re.search(r"<style|<script|\sstyle=|\son\w+=", page.text)
    assert visitor.get("static/example/site.css").status == 200
