from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from djhipchat2.admin import export
from djhipchat2.models import OutboundMessage
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import MESSAGES, said, words

EXPORT = f"{MESSAGES}export/"


def content(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(response))))


@pytest.fixture
def viewer(log_in: LogIn) -> Client:
    return log_in("view_outboundmessage")


def test_the_page_says_how_many_there_are(viewer: Client, make_row: MakeRow) -> None:
    for status in ("sent", "failed", "failed"):
        make_row(status)

    link = f'href="{EXPORT}?status__exact=failed"'
    assert link in viewer.get(MESSAGES, {"status__exact": "failed"}).content.decode()
    assert "Messages to be exported: 2." in words(viewer.get(f"{EXPORT}?status__exact=failed"))
    assert not LogEntry.objects.exists()


def test_what_matches_the_filters_is_exported_as_csv(viewer: Client, make_row: MakeRow) -> None:
    make_row("sent")
    first = make_row("failed", error="no such room", card={"id": "x"})
    second = make_row("failed", message='comma, "quote"\nline')

    response = viewer.post(f"{EXPORT}?status__exact=failed", {"format": "csv"})

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="messages-2026')
    found = rows_of(response)
    assert [row["id"] for row in found] == [str(first.pk), str(second.pk)]
    assert (found[0]["error"], found[0]["card"]) == ("no such room", '{"id": "x"}')
    assert found[0]["created"] == OutboundMessage.objects.get(pk=first.pk).created.isoformat()
    assert found[1]["message"] == 'comma, "quote"\nline'


def test_what_matches_the_filters_is_exported_as_json(viewer: Client, make_row: MakeRow) -> None:
    row = make_row("sent", card={"id": "x"}, message="Grüße")
    make_row("failed")

    response = viewer.post(f"{EXPORT}?status__exact=sent", {"format": "json"})

    [found] = json.loads(content(response))
    assert response["Content-Type"] == "application/json"
    assert (found["id"], found["message"], found["card"]) == (row.pk, "Grüße", {"id": "x"})
    assert set(found) == set(export.COLUMNS)


def test_nothing_is_an_empty_list(viewer: Client, db: None) -> None:
    assert json.loads(content(viewer.post(EXPORT, {"format": "json"}))) == []
    assert rows_of(viewer.post(EXPORT, {"format": "csv"})) == []


def test_an_export_leaves_a_log_entry(viewer: Client, make_row: MakeRow) -> None:
    viewer.post(EXPORT, {"format": "csv"})

    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.change_message) == ("anna", "Exported as CSV.")


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_is_a_formula(viewer: Client, make_row: MakeRow, beginning: str) -> None:
    attack = f"{beginning}HYPERLINK(1)"
    make_row(message=attack, room_id=attack, sender=attack, error=attack)

    [row] = rows_of(viewer.post(EXPORT, {"format": "csv"}))

    for name in ("message", "room_id", "sender", "error"):
        assert row[name].replace("\r\n", "\n").startswith("'")


def test_a_large_table_is_read_in_pieces(
    viewer: Client,
    make_row: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    monkeypatch.setattr(export, "PIECE", 2)
    numbers = [make_row().pk for _ in range(5)]

    with django_assert_num_queries(4):
        found = list(export.as_json(OutboundMessage.objects.order_by("-pk")))

    assert [row["id"] for row in json.loads("".join(found))] == numbers


def test_selected_messages_are_exported(viewer: Client, make_row: MakeRow) -> None:
    rows = [make_row() for _ in range(3)]
    data = {"action": "export_messages", "_selected_action": [rows[0].pk, rows[2].pk]}

    asked = viewer.post(MESSAGES, data)
    assert "Messages to be exported: 2." in words(asked)
    context = asked.context
    response = viewer.post(context["address"], {"rows": context["numbers"], "format": "csv"})

    assert [row["id"] for row in rows_of(response)] == [str(rows[0].pk), str(rows[2].pk)]


def test_all_that_match_lead_to_the_export_of_the_filters(
    viewer: Client, make_row: MakeRow
) -> None:
    data = {
        "action": "export_messages",
        "_selected_action": [make_row("failed").pk],
        "select_across": "1",
    }

    response = viewer.post(f"{MESSAGES}?status__exact=failed", data)

    assert response["Location"] == f"{EXPORT}?status__exact=failed"


def test_filters_that_cannot_be_read_lead_to_the_list(viewer: Client, make_row: MakeRow) -> None:
    response = viewer.get(f"{EXPORT}?nothing=1", follow=True)

    assert response.redirect_chain == [(MESSAGES, 302)]
    assert said(response) == ["warning: These filters cannot be read."]


@pytest.mark.parametrize("kind", ["", "exe"])
def test_another_format_asks_again(viewer: Client, make_row: MakeRow, kind: str) -> None:
    assert "Messages to be exported" in words(viewer.post(EXPORT, {"format": kind}))


def test_a_get_exports_nothing(viewer: Client, make_row: MakeRow) -> None:
    assert not viewer.get(EXPORT, {"format": "csv"}, follow=True).streaming


def test_who_may_not_see_messages_may_not_export_them(log_in: LogIn) -> None:
    client = log_in("resend_outboundmessage", "cancel_outboundmessage", "view_room")

    assert client.get(EXPORT).status_code == 403
    assert client.post(EXPORT, {"format": "csv"}).status_code == 403


def test_the_page_keeps_to_a_strict_content_security_policy(
    viewer: Client, no_inline_code: Callable[[Any], None], db: None
) -> None:
    no_inline_code(viewer.get(EXPORT))
