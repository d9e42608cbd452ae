"""What an operator does at three in the morning, from beginning to end."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.models import OutboundMessage, Room
from tests.browser import sample
from tests.browser.following import follow
from tests.browser.tour import MESSAGES, ROOMS


@pytest.mark.usefixtures("outbox")
def test_a_message_is_found_from_an_error(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{MESSAGES}")
    page.get_by_label("Search").fill("no room 'Deploys'")
    with page.expect_navigation():
        page.get_by_label("Search").press("Enter")
    follow(page, page.locator("#result_list .field-beginning a").first)

    assert "Failed for good" in page.inner_text(".field-why")
    assert sample.ERROR in page.inner_text(".field-why")


@pytest.mark.usefixtures("outbox")
def test_why_a_message_waits_is_seen(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{MESSAGES}")
    follow(page, page.get_by_role("link", name="queued", exact=True))
    follow(page, page.locator("#result_list tr", has_text="3 attempts").locator(".field-id a"))

    assert "Waits until" in page.inner_text(".field-why")
    assert "HTTP 503: the chat is down." in page.inner_text(".field-why")
    timeline = page.inner_text(".hipchat-timeline")
    assert timeline.index("Attempt 3") < timeline.index("Attempt 1")
    page.get_by_text("The server's answer").first.click()
    assert "503 Service Unavailable" in page.inner_text(".hipchat-timeline")


@pytest.mark.usefixtures("outbox")
def test_a_room_is_paused_and_resumed(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{ROOMS}")
    follow(page, page.get_by_role("link", name="Ops", exact=True))
    follow(page, page.get_by_role("link", name="Pause"))
    page.get_by_label("Note").fill("Incident 43")
    follow(page, page.get_by_role("button", name="Pause"))
    assert "paused until it is lifted" in page.inner_text(".field-hold")
    assert "Incident 43" in page.inner_text(".field-hold")

    follow(page, page.get_by_role("link", name="Resume"))
    follow(page, page.get_by_role("button", name="Resume"))

    assert "no hold" in page.inner_text(".field-hold")
    assert Room.objects.get(room_id="Ops").hold_reason == ""


def failed_messages(number: int) -> None:
    now = timezone.now()
    row = {"connection": "default", "backend": sample.BACKEND, "status": "failed"}
    OutboundMessage.objects.bulk_create(
        OutboundMessage(room_id="Ops", sender="CI", message=f"m{i}", finished_at=now, **row)
        for i in range(number)
    )


def test_forty_failed_messages_are_resent(page: Any, live_server: Any) -> None:
    failed_messages(40)
    page.goto(f"{live_server.url}{MESSAGES}?attention=yes")
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("Resend if not sent")
    follow(page, page.locator("button[name=index]"))
    assert "40 messages will be written once more" in page.inner_text("#content")

    follow(page, page.get_by_role("button", name="Resend"))

    assert "40 messages resent, now 40 sent." in page.inner_text(".messagelist")
    assert OutboundMessage.objects.filter(status="sent").count() == 40
    page.goto(f"{live_server.url}{MESSAGES}?attention=yes")
    assert "Nothing matches." in page.inner_text("#content")


def test_all_pages_are_selected_at_once(page: Any, live_server: Any) -> None:
    failed_messages(60)
    page.goto(f"{live_server.url}{MESSAGES}?status__exact=failed")
    page.locator("#action-toggle").check()
    page.get_by_role("button", name="Select all that match, on all pages").click()
    page.locator("select[name=action]").select_option("Resend if not sent")
    follow(page, page.locator("button[name=index]"))

    assert "60 messages will be written once more" in page.inner_text("#content")


@pytest.mark.usefixtures("outbox")
def test_a_transcript_is_watched(page: Any, live_server: Any) -> None:
    room = Room.objects.get(room_id="Ops")
    page.goto(f"{live_server.url}{ROOMS}{room.pk}/transcript/")
    assert page.locator("#hipchat-live").is_visible()
    waiting = OutboundMessage.objects.get(room_id="Ops", status="queued", held=False)
    assert "queued" in page.locator(f"#m{waiting.pk}").inner_text()

    now = timezone.now()
    row = {"connection": "default", "backend": sample.BACKEND, "room_id": "Ops", "sender": "CI"}
    OutboundMessage.objects.create(message="The shop is <b>up</b> again.", **row)
    OutboundMessage.objects.filter(pk=waiting.pk).update(
        status="sent", sent_at=now, finished_at=now, next_attempt_at=None
    )

    page.get_by_text("The shop is up again.").wait_for()
    assert "sent" in page.locator(f"#m{waiting.pk}").inner_text()
    last = page.locator(".hipchat-line").last
    assert "up" in last.locator("b").inner_text()
    assert last.evaluate("e => e.getBoundingClientRect().bottom <= innerHeight")


@pytest.mark.usefixtures("outbox")
def test_a_message_is_written_looked_at_and_sent(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{MESSAGES}")
    follow(page, page.get_by_role("link", name="Send message"))
    page.locator("#id_room_id").press_sequentially("Night")
    page.locator("datalist option[value='Night watch']").wait_for(state="attached")
    page.locator("#id_room_id").fill("Night watch")
    page.get_by_label("Format").select_option("html")
    page.locator("#id_message").fill("All is <b>well</b>.")
    follow(page, page.get_by_role("button", name="Preview"))
    frame = page.frame_locator("iframe[title='The message as the chat shows it']")
    assert frame.locator("b").inner_text() == "well"
    assert frame.locator("body").evaluate("e => getComputedStyle(e).marginTop") == "0px"

    follow(page, page.get_by_role("button", name="Send"))

    assert "is written, now sent." in page.inner_text(".messagelist")
    assert OutboundMessage.objects.latest("pk").room_id == "Night watch"


@pytest.mark.usefixtures("outbox")
def test_rooms_are_suggested_to_the_filter(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{MESSAGES}")
    page.get_by_label("Name").press_sequentially("dep")
    page.locator("datalist option[value='Deploys']").wait_for(state="attached")
    page.get_by_label("Name").fill("Deploys")
    page.get_by_label("Name").press("Enter")
    page.wait_for_url("**room_id=Deploys**")

    rooms = page.locator("#result_list .field-room_and_sender bdi:first-child").all_inner_texts()
    assert set(rooms) == {"Deploys"}
