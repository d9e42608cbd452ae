"""Every page of the admin, and the way to open it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from djhipchat2.models import OutboundMessage, Room
from tests.browser.following import follow

MESSAGES = "/admin/djhipchat2/outboundmessage/"
ROOMS = "/admin/djhipchat2/room/"

Open = Callable[[Any], None]


def pages(address: str, *, until: str = "networkidle") -> dict[str, Open]:
    """Return what opens each page in a browser, and waits for a state of it, by the page's name."""
    rows = OutboundMessage.objects
    waiting = rows.filter(status="queued", attempts=3).get()
    failed = rows.filter(status="failed").latest("pk")
    html = rows.filter(status="sent", sender="CI").latest("pk")
    held, paused = rows.get(held=True), Room.objects.get(room_id="Night watch")
    ops = Room.objects.get(room_id="Ops")

    def at(path: str) -> Open:
        return lambda page: _go(page, f"{address}{path}", until)

    return {
        "messages": at(MESSAGES),
        "attention": at(f"{MESSAGES}?attention=yes"),
        "nothing": at(f"{MESSAGES}?q=nowhere"),
        "message": at(f"{MESSAGES}{waiting.pk}/change/"),
        "message-html": at(f"{MESSAGES}{html.pk}/change/"),
        "message-held": at(f"{MESSAGES}{held.pk}/change/"),
        "history": at(f"{MESSAGES}{failed.pk}/history/"),
        "resend": lambda page: _resend_failed(page, address, until),
        "cancel": at(f"{MESSAGES}{waiting.pk}/cancel/"),
        "export": at(f"{MESSAGES}export/?status__exact=failed"),
        "compose": at(f"{MESSAGES}compose/"),
        "compose-preview": lambda page: _preview(page, address, until),
        "rooms": at(ROOMS),
        "room": at(f"{ROOMS}{paused.pk}/change/"),
        "pause": at(f"{ROOMS}{ops.pk}/pause/"),
        "pause-place": at(f"{ROOMS}pause/"),
        "resume": at(f"{ROOMS}{paused.pk}/resume/"),
        "transcript": at(f"{ROOMS}{ops.pk}/transcript/"),
    }


def _go(page: Any, address: str, until: str) -> None:
    response = page.goto(address, wait_until=until)
    assert response.ok, (address, response.status)


def _resend_failed(page: Any, address: str, until: str) -> None:
    _go(page, f"{address}{MESSAGES}?status__exact=failed", until)
    page.locator("#action-toggle").check()
    page.select_option("select[name=action]", "resend_messages")
    follow(page, page.locator("button[name=index]"), until=until)


def _preview(page: Any, address: str, until: str) -> None:
    _go(page, f"{address}{MESSAGES}compose/", until)
    page.fill("[name=room_id]", "Ops")
    page.select_option("[name=message_format]", "html")
    page.fill("[name=message]", "The shop is <b>up</b> again. <a href='https://x.test'>Why?</a>")
    follow(page, page.locator("input[type=submit]"), until=until)
