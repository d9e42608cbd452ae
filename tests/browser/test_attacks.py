"""Hostile texts do nothing in a real browser, and pages keep to a policy without exceptions."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from tests.admin.test_escaping import ATTACKS
from tests.browser.conftest import OpenBrowser
from tests.browser.tour import MESSAGES, ROOMS, pages
from tests.policy import POLICY


@pytest.fixture
def attacked(transactional_db: None) -> list[str]:
    """The addresses of pages about rows with an attack in every text."""
    now = timezone.now()
    addresses = [MESSAGES, ROOMS, f"{MESSAGES}compose/", f"{MESSAGES}export/", f"{ROOMS}pause/"]
    for number, attack in enumerate(ATTACKS):
        row = OutboundMessage.objects.create(
            connection=attack,
            backend=attack,
            room_id=attack,
            sender=attack[:64],
            message=attack,
            message_format="html" if number % 2 else "text",
            card={attack: attack},
            status="failed",
            error=attack,
            finished_at=now,
            dedupe_key=attack,
            dedupe_digest=str(number),
        )
        DeliveryAttempt.objects.create(
            message=row,
            number=1,
            trigger="flush",
            outcome="rejected",
            worker=attack,
            started_at=now,
            error=attack,
            answer=attack,
        )
        room = Room.objects.create(
            connection=attack,
            room_id=attack,
            hold_reason="paused",
            hold_note=attack,
            held_by=attack,
            held_at=now,
        )
        addresses += [
            f"{MESSAGES}{row.pk}/{page}/" for page in ("change", "frame", "resend", "history")
        ]
        addresses += [f"{ROOMS}{room.pk}/{page}/" for page in ("change", "transcript", "resume")]
    return addresses


def policy_of(response: Any) -> str | None:
    policy: str | None = response.headers.get("content-security-policy")
    return policy


def test_attacks_are_inert_on_every_page(
    open_browser: OpenBrowser, live_server: Any, attacked: list[str]
) -> None:
    page = open_browser()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))

    for address in attacked:
        page.goto(f"{live_server.url}{address}", wait_until="networkidle")
        for frame in page.frames:
            assert not frame.evaluate("Boolean(window.isPwned)"), address
            assert frame.locator("[onerror], [onload], [onfocus]").count() == 0, address
            assert frame.locator("a[href^='javascript:']").count() == 0, address

    assert page.hosts == {live_server.url.split("/")[2]}


@pytest.mark.usefixtures("outbox")
def test_pages_keep_to_a_strict_policy(open_browser: OpenBrowser, live_server: Any) -> None:
    page = open_browser()
    policies = set()
    page.on("response", lambda response: policies.add(policy_of(response)))
    broken = {}

    for name, open_page in pages(live_server.url).items():
        open_page(page)
        broken[name] = [
            violation for frame in page.frames for violation in frame.evaluate("window.violations")
        ]

    assert {name: lines for name, lines in broken.items() if lines} == {}
    assert POLICY in policies
    assert page.hosts == {live_server.url.split("/")[2]}


@pytest.mark.usefixtures("outbox")
def test_a_frame_shows_a_message_under_a_strict_policy(
    open_browser: OpenBrowser, live_server: Any
) -> None:
    page = open_browser()

    pages(live_server.url)["message-html"](page)

    frame = page.frame_locator(".hipchat-frame")
    assert frame.locator("b").inner_text() == "5823"
    assert frame.locator("body").evaluate("e => getComputedStyle(e).marginTop") == "0px"
