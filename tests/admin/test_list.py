from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, words

Find = Callable[..., list[int]]


@pytest.fixture
def find(admin_client: Client) -> Find:
    """Return the numbers of the messages that the list shows, given a query."""

    def shown(**query: Any) -> list[int]:
        response = admin_client.get(MESSAGES, query)
        assert response.status_code == 200
        return [row.pk for row in response.context["cl"].result_list]

    return shown


@pytest.mark.parametrize(
    ("status", "values", "expected"),
    [
        ("sent", {"attempts": 1}, "✓ sent 1 attempt"),
        ("failed", {"attempts": 3}, "✗ failed 3 attempts"),
        ("queued", {}, "○ queued 0 attempts"),
        ("sending", {}, "◐ sending 1 attempt"),
        ("expired", {}, "◇ expired 0 attempts"),
        ("cancelled", {}, "⊘ cancelled 0 attempts"),
    ],
)
def test_a_row_shows_its_status_as_word_and_shape(
    admin_client: Client, make_row: MakeRow, status: str, values: dict[str, Any], expected: str
) -> None:
    make_row(status, **values)

    assert expected in words(admin_client.get(MESSAGES))


def test_a_row_shows_room_sender_text_and_error(admin_client: Client, make_row: MakeRow) -> None:
    make_row("failed", connection="other", message="Disk\n\nis full", error="no such room")

    text = words(admin_client.get(MESSAGES))

    assert "Ops from Bot by other" in text
    assert "Disk is full no such room" in text


def test_a_long_text_is_cut(admin_client: Client, make_row: MakeRow) -> None:
    make_row("queued", message="a" * 10_000)

    text = words(admin_client.get(MESSAGES))

    assert "a" * 79 + "…" in text
    assert "a" * 81 not in text


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("<b>Disk</b> of <i>db2</i><br>is full", "Disk of db2 is full"),
        ("1 &lt; 2", "1 < 2"),
        ("<img src='x'>", "<img src='x'>"),
        ("broken <b", "broken"),
    ],
)
def test_of_html_the_words_are_shown(
    admin_client: Client, make_row: MakeRow, message: str, shown: str
) -> None:
    make_row(message=message)

    assert f">{html.escape(shown)}</bdi>" in admin_client.get(MESSAGES).content.decode()


def test_a_row_names_its_copy(admin_client: Client, make_row: MakeRow) -> None:
    old = make_row("failed")
    copy = make_row("sent", resend_of=old)

    assert f"resent as {copy.pk}" in words(admin_client.get(MESSAGES))


@pytest.mark.parametrize(
    ("status", "values", "expected"),
    [
        ("queued", {}, "2 h ago as soon as possible"),
        ("queued", {"next_attempt_at": "2026-11-25T04:59:00Z"}, "2 h ago as soon as possible"),
        ("queued", {"next_attempt_at": "2026-11-25T05:02:30Z"}, "2 h ago next attempt in 2 min"),
        ("queued", {"held": True}, "2 h ago when somebody decides"),
        ("sending", {"attempt_started_at": "2026-11-25T04:59:48Z"}, "attempt began 12 s ago"),
        ("failed", {"finished_at": "2026-11-20T03:30Z"}, "2 h ago failed 5 d ago"),
        ("failed", {"finished_at": "2026-11-25T05:00:00Z"}, "2 h ago failed 0 s ago"),
    ],
)
def test_a_row_shows_its_age_and_when_it_goes_on(
    admin_client: Client,
    make_row: MakeRow,
    time_machine: Any,
    status: str,
    values: dict[str, Any],
    expected: str,
) -> None:
    row = make_row(status, **values)
    OutboundMessage.objects.filter(pk=row.pk).update(created="2026-11-25T03:00Z")
    time_machine.move_to("2026-11-25T05:00Z", tick=False)

    assert expected in words(admin_client.get(MESSAGES))


def test_a_time_has_the_exact_one_as_its_title_in_the_users_zone(
    admin_client: Client, make_row: MakeRow, settings: Any
) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    row = make_row("queued")
    OutboundMessage.objects.filter(pk=row.pk).update(created="2026-11-25T03:00Z")

    page = admin_client.get(MESSAGES).content.decode()

    assert 'title="2026-11-25 08:30:00 IST"' in page


def test_the_newest_come_first(find: Find, make_row: MakeRow) -> None:
    rows = [make_row() for _ in range(3)]

    assert find() == [row.pk for row in reversed(rows)]


def test_filters(find: Find, make_row: MakeRow) -> None:
    plain = make_row("sent")
    red = make_row("failed", color="red")
    other = make_row("queued", connection="other")
    old = make_row("cancelled")
    OutboundMessage.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(days=40))

    assert find(status__exact="failed") == [red.pk]
    assert find(color__exact="red") == [red.pk]
    assert find(connection="other") == [other.pk]
    assert find(created__gte=str(timezone.now() - timedelta(days=7))) == [
        other.pk,
        red.pk,
        plain.pk,
    ]
    assert find(connection="default", room_id="Ops", status__exact="sent") == [plain.pk]


def test_connections_are_offered_that_are_configured_used_or_chosen(
    admin_client: Client, make_row: MakeRow, settings: Any
) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "configured": {"BACKEND": "djhipchat2.backends.dummy.HipChatBackend"}
    }
    for name in ("Ops", "Dev"):
        Room.objects.create(connection="of a room", room_id=name)
    make_row("queued", connection="of a queued message")
    make_row("sent", connection="of the past")

    response = admin_client.get(MESSAGES, {"connection": "chosen"})

    spec = next(spec for spec in response.context["cl"].filter_specs if spec.title == "connection")
    assert [str(title) for _, title in spec.lookup_choices] == [
        "chosen",
        "configured",
        "default",
        "of a queued message",
        "of a room",
        "of the past",
    ]


@pytest.mark.parametrize("field", ["room_id", "sender", "message", "error"])
def test_search(find: Find, make_row: MakeRow, field: str) -> None:
    make_row()
    wanted = make_row(**{field: "a needle here"})

    assert find(q="NEEDLE") == [wanted.pk]


def test_search_by_number(find: Find, make_row: MakeRow) -> None:
    rows = [make_row() for _ in range(2)]

    assert find(q=str(rows[0].pk)) == [rows[0].pk]


MOST_QUERIES = 20


def test_the_queries_are_few_and_none_counts_the_table(
    admin_client: Client, make_row: MakeRow
) -> None:
    def queries(**query: Any) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            admin_client.get(MESSAGES, query)
        return [query["sql"] for query in captured.captured_queries]

    make_row("failed")
    of_one = queries()
    for _ in range(20):
        make_row("sent", resend_of=make_row("failed", error="x"))
    of_many = queries()

    assert len(of_many) == len(of_one) < MOST_QUERIES
    assert len(queries(attention="yes")) < MOST_QUERIES
    assert len(queries(q="x", attention="yes")) <= MOST_QUERIES
    unbounded = [sql for sql in of_many if "COUNT(" in sql and "WHERE" not in sql]
    assert unbounded == []


def test_the_page_keeps_to_a_strict_content_security_policy(
    admin_client: Client, make_row: MakeRow, no_inline_code: Callable[[Any], None]
) -> None:
    make_row("failed", error="x")

    no_inline_code(admin_client.get(MESSAGES))
