from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from djhipchat2.models import DeliveryAttempt, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, ROOMS, button_of, page_of, said

#: Each marks itself with "pwned", which stands nowhere else on a page.
ATTACKS = [
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<svg/onload=pwned()>",
    "</pre></bdi></td><script>pwned()</script>",
    '"><a href="javascript:pwned()">',
    "' autofocus onfocus=pwned() '",
    "<style>*{background:url(//pwned)}</style>",
    "&lt;script&gt;pwned()&lt;/script&gt;",
    "{{ pwned }}{% pwned %}",
    "%(pwned)s %s {0}",
    "<iframe srcdoc='pwned'>",
    "<!-- pwned",
    "\u202e<b>pwned",
]
BEGINNING_OF_ROW = 64


@pytest.fixture(params=ATTACKS)
def attack(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def attacked(make_row: MakeRow, attack: str) -> Any:
    """A message with an attack in every text of it."""
    row = make_row(
        "failed",
        connection=attack,
        backend=attack,
        room_id=attack,
        sender=attack[:BEGINNING_OF_ROW],
        message=attack,
        message_format="text",
        card={attack: attack},
        error=attack,
        dedupe_key=attack,
        dedupe_digest="0" * 64,
    )
    DeliveryAttempt.objects.create(
        message=row,
        number=1,
        trigger="flush",
        outcome="rejected",
        worker=attack,
        started_at=timezone.now(),
        error=attack,
        answer=attack,
    )
    Room.objects.create(
        connection=attack,
        room_id=attack,
        hold_reason="paused",
        hold_note=attack,
        lease_token="t",
        lease_owner=attack,
        lease_expires_at=timezone.now(),
    )
    return row


def check(response: Any, attack: str, *, at_least: int) -> None:
    """Assert that a page shows an attack as text, and has it nowhere as markup."""
    page = response.content.decode()
    assert page.count(html.escape(attack)) >= at_least
    if html.escape(attack) != attack:
        assert attack not in page


def test_the_list_shows_texts_as_they_are(admin_client: Client, attacked: Any, attack: str) -> None:
    check(admin_client.get(MESSAGES), attack, at_least=5)


def test_the_page_shows_texts_as_they_are(admin_client: Client, attacked: Any, attack: str) -> None:
    check(admin_client.get(page_of(attacked)), attack, at_least=8)


def test_the_rooms_show_texts_as_they_are(admin_client: Client, attacked: Any, attack: str) -> None:
    check(admin_client.get(ROOMS), attack, at_least=4)
    check(admin_client.get(f"{ROOMS}{Room.objects.get().pk}/change/"), attack, at_least=4)


def test_what_an_action_says_shows_texts_as_they_are(
    admin_client: Client, attacked: Any, attack: str
) -> None:
    response = admin_client.post(button_of(attacked, "resend"), follow=True)

    assert said(response)[0].startswith("error: Nothing resent.")
    check(response, attack, at_least=8)
    assert not LogEntry.objects.exists()
