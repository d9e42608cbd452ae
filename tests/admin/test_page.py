from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from djhipchat2.models import DeliveryAttempt, Room
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import MESSAGES, page_of, words


@pytest.fixture
def read(admin_client: Client) -> Callable[[Any], str]:
    """Return what is to be read on a message's page."""
    return lambda row: words(admin_client.get(page_of(row)))


Read = Callable[[Any], str]


def test_the_page_says_why(read: Read, make_row: MakeRow) -> None:
    row = make_row("queued")

    assert "Why: Due now, and nobody has delivered it: run manage.py hipchat_flush" in read(row)


def test_the_reason_knows_the_room(read: Read, make_row: MakeRow) -> None:
    Room.objects.create(connection="other", room_id="Ops")
    Room.objects.create(connection="default", room_id="Ops", hold_reason="paused")

    text = read(make_row("queued"))

    assert "Its room is on hold, until somebody lifts that: somebody has paused it." in text


def test_the_reason_knows_the_connection(read: Read, make_row: MakeRow) -> None:
    Room.objects.create(connection="default", room_id="", hold_reason="paused")

    text = read(make_row("queued"))

    assert "Its whole connection is on hold, until somebody lifts that: somebody has" in text


def test_the_page_shows_the_message(read: Read, make_row: MakeRow) -> None:
    row = make_row(message="one\ntwo", color="red", message_format="text", notify=True)

    text = read(row)

    assert "Room: Ops ( all messages ) Sender: Bot" in text
    assert "Shown as: red, text, notifies the room Source: one two" in text


def test_a_quiet_message_says_so(read: Read, make_row: MakeRow) -> None:
    assert "yellow, HTML, notifies nobody" in read(make_row())


def test_a_card_is_shown_as_json(read: Read, make_row: MakeRow) -> None:
    row = make_row(card={"style": "link", "title": "Bücher"})

    assert 'Card: { "style": "link", "title": "Bücher" }' in read(row)


def test_the_page_shows_the_times_that_there_are(read: Read, make_row: MakeRow) -> None:
    row = make_row(
        "queued",
        deliver_at="2026-11-25T03:00:01Z",
        expires_at="2126-11-25T03:00:02Z",
        next_attempt_at="2126-11-25T03:00:03Z",
        dedupe_key="disk-full",
        dedupe_digest="0" * 64,
    )

    text = read(row)

    assert "Not before: 2026-11-25 03:00:01 UTC" in text
    assert "Not after: 2126-11-25 03:00:02 UTC" in text
    assert "Next attempt: 2126-11-25 03:00:03 UTC" in text
    assert "Dedupe key: disk-full" in text
    assert "Finished at" not in text


def test_an_error_that_the_reason_shortens_is_shown_whole(read: Read, make_row: MakeRow) -> None:
    assert f"Error: {'x' * 400}" in read(make_row(error="x" * 400))
    assert "Error:" not in read(make_row(error="x"))


def test_the_last_error_of_a_message_that_is_being_sent_is_shown(
    read: Read, make_row: MakeRow
) -> None:
    assert "Error: down" in read(make_row("sending", error="down"))


def test_the_page_leads_to_original_and_copy(admin_client: Client, make_row: MakeRow) -> None:
    first = make_row("failed")
    second = make_row("expired", resend_of=first)
    third = make_row("sent", resend_of=second)

    page = admin_client.get(page_of(second)).content.decode()

    assert f'<a href="{page_of(first)}">{first.pk}</a>' in page
    assert f'<a href="{page_of(third)}">{third.pk}</a>' in page


def test_the_page_leads_to_fallback_and_failed_message(read: Read, make_row: MakeRow) -> None:
    failed = make_row("failed", fallback="other")
    second = make_row("sent", connection="other", fallback_of=failed)

    assert f"Fell back as: {second.pk} ✓ sent" in read(failed)
    assert re.search("Fallback: (The connection .* )?other", read(failed))
    assert f"Fallback of: {failed.pk} ✗ failed" in read(second)


def test_the_page_leads_to_what_was_sent_together(read: Read, make_row: MakeRow) -> None:
    rows = [make_row("sent", connection=name, route_group="g") for name in ("a", "b", "c")]

    assert f"Sent together with: {rows[1].pk} ✓ sent (b) {rows[2].pk} ✓ sent (c)" in read(rows[0])


def test_the_page_leads_to_all_messages_of_the_room(
    admin_client: Client, make_row: MakeRow
) -> None:
    row = make_row(room_id="A&B", connection="other")
    make_row(room_id="A")

    page = admin_client.get(page_of(row)).content.decode()
    assert f'href="{MESSAGES}?connection=other&amp;room_id=A%26B"' in page

    listed = admin_client.get(MESSAGES, {"connection": "other", "room_id": "A&B"})
    assert [found.pk for found in listed.context["cl"].result_list] == [row.pk]


@pytest.fixture
def tried(make_row: MakeRow) -> Any:
    """A message with one attempt of each kind."""
    row = make_row("queued", attempts=2)
    started = timezone.now() - timedelta(hours=1)
    common = {"message": row, "worker": "web1:7:Main", "started_at": started}
    DeliveryAttempt.objects.create(
        **common,
        number=1,
        trigger="immediate",
        duration_ms=1250,
        http_status=503,
        outcome="unavailable",
        error="The chat is down.",
        answer="<h1>Down</h1>",
        next_attempt_at="2026-11-25T03:00:04Z",
    )
    DeliveryAttempt.objects.create(
        **{**common, "started_at": started + timedelta(seconds=1)},
        number=2,
        trigger="task",
        counted=False,
        duration_ms=3,
        http_status=429,
        outcome="unavailable",
        error="Slow down.",
    )
    later = {**common, "started_at": started + timedelta(seconds=2)}
    DeliveryAttempt.objects.create(**later, number=2, trigger="flush", outcome="unknown")
    return row


def test_attempts_are_shown_the_last_one_first(read: Read, tried: Any) -> None:
    text = read(tried).split("What happened", 1)[1]

    first, second, third = (
        text.index(f"{word}: web1:7") for word in ("flush", "task", "immediate")
    )
    assert first < second < third
    assert "Attempt 2: ? unknown nobody knows how long it took flush: web1:7:Main" in text
    assert "Attempt 2: ↻ unavailable Slow down. HTTP 429 took 3 ms not counted" in text
    assert "Attempt 1: ↻ unavailable The chat is down. HTTP 503 took 1250 ms" in text
    assert "next attempt at 2026-11-25 03:00:04 UTC" in text
    assert "The server's answer <h1>Down</h1>" in text


def test_who_may_see_a_message_may_see_its_attempts(log_in: LogIn, tried: Any) -> None:
    client = log_in("view_outboundmessage")

    assert "The chat is down." in words(client.get(page_of(tried)))


def test_a_message_without_attempts_says_so(read: Read, make_row: MakeRow) -> None:
    assert "Nothing has been tried yet." in read(make_row("queued"))


def test_the_page_keeps_to_a_strict_content_security_policy(
    admin_client: Client, tried: Any, no_inline_code: Callable[[Any], None]
) -> None:
    no_inline_code(admin_client.get(page_of(tried)))


@pytest.mark.parametrize("address", ["999999", "abc"])
def test_a_message_that_is_gone(admin_client: Client, address: str) -> None:
    response = admin_client.get(f"{MESSAGES}{address}/change/", follow=True)

    assert response.redirect_chain[0][0] == "/admin/"
