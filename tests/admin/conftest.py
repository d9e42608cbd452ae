"""Rows in every status, rooms, and users with chosen permissions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from djhipchat2.models import OutboundMessage, Room
from tests.admin.pages import MESSAGES, confirm, said
from tests.admin.room_pages import HOLD, VIEW
from tests.scripted import Script, script

MakeRow = Callable[..., OutboundMessage]
LogIn = Callable[..., Client]


@pytest.fixture
def make_row(db: None) -> MakeRow:
    """Write a message as it is found in a status."""

    def make(status: str = "failed", **values: Any) -> OutboundMessage:
        now = timezone.now()
        ends: dict[str, Any] = {
            "queued": {},
            "sending": {"lease_token": "t", "attempt_started_at": now, "attempts": 1},
            "sent": {"finished_at": now, "sent_at": now, "attempts": 1},
        }
        row = {
            "connection": "default",
            "backend": "djhipchat2.backends.locmem.HipChatBackend",
            "room_id": "Ops",
            "sender": "Bot",
            "message": "hello",
            "status": status,
            **ends.get(status, {"finished_at": now}),
            **values,
        }
        return OutboundMessage.objects.create(**row)

    return make


@pytest.fixture
def log_in(db: None) -> LogIn:
    """Return a client of a staff user with permissions of this app."""

    def make(*codenames: str, is_staff: bool = True) -> Client:
        user = User.objects.create_user("anna", is_staff=is_staff)
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label="djhipchat2", codename__in=codenames)
        )
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def operator(log_in: LogIn) -> Client:
    """Somebody who may look at messages, resend and cancel them, and no more."""
    return log_in("view_outboundmessage", "resend_outboundmessage", "cancel_outboundmessage")


@pytest.fixture
def keeper(log_in: LogIn) -> Client:
    """Somebody who may see rooms and hold them."""
    return log_in(VIEW, HOLD)


@pytest.fixture
def ops(db: None) -> Room:
    """A room."""
    return Room.objects.create(connection="default", room_id="Ops")


@pytest.fixture
def six(db: None) -> list[Room]:
    """Six rooms."""
    return [Room.objects.create(connection="default", room_id=f"R{number}") for number in range(6)]


@pytest.fixture
def chat() -> Iterator[Script]:
    """The script of the backend in ``tests.scripted``."""
    script.clear()
    yield script
    script.clear()


@pytest.fixture
def press_in_list(operator: Client) -> Callable[..., list[str]]:
    """Run an action of the list on rows, and confirm it; return what the next page says."""

    def press(action: str, *rows: OutboundMessage, **data: Any) -> list[str]:
        chosen = {"action": action, "_selected_action": [row.pk for row in rows], **data}
        asked = operator.post(MESSAGES, chosen)
        return said(confirm(operator, asked))

    return press


@pytest.fixture
def no_inline_code() -> Callable[[Any], None]:
    """Assert that a page has no script, style or handler of its own and no foreign host."""

    def check(response: Any) -> None:
        page = response.content.decode()
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page) == []
        assert re.findall(r"(?:src|href|action)=[\"']?(?:\w+:)?//", page) == []

    return check
