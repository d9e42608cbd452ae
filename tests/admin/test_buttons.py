"""Buttons of a message's page: the page that asks, what they do, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.test import Client

from djhipchat2.models import OutboundMessage
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, button_of, page_of, said, words
from tests.scripted import PATH, REJECTED, Script


def test_resending_shows_the_copy_and_what_became_of_it(
    operator: Client, make_row: MakeRow, sent_messages: list[dict[str, object]]
) -> None:
    row = make_row("failed", message="hello")

    response = operator.post(button_of(row, "resend"), follow=True)

    copy = OutboundMessage.objects.get(resend_of=row)
    assert response.redirect_chain == [(page_of(copy), 302)]
    assert said(response) == [f"success: Message {row.pk} resent as {copy.pk}, now sent."]
    assert [payload["message"] for payload in sent_messages] == ["hello"]


@pytest.mark.django_db(transaction=True)
def test_resending_delivers_in_the_same_request(
    operator: Client, make_row: MakeRow, chat: Script, settings: Any
) -> None:
    settings.HIPCHAT_BACKEND = PATH
    chat.results = [REJECTED]
    row = make_row("failed")

    response = operator.post(button_of(row, "resend"), follow=True)

    copy = OutboundMessage.objects.get(resend_of=row)
    assert said(response) == [f"warning: Message {row.pk} resent as {copy.pk}, now failed."]
    assert "Attempt 1: ✗ rejected no such room HTTP 404" in words(response)


def test_cancelling_shows_the_message(operator: Client, make_row: MakeRow) -> None:
    row = make_row("queued")

    response = operator.post(button_of(row, "cancel"), follow=True)

    row.refresh_from_db()
    assert row.status == "cancelled"
    assert response.redirect_chain == [(page_of(row), 302)]
    assert said(response) == ["success: 1 message cancelled."]


@pytest.mark.parametrize(
    ("values", "act", "text"),
    [
        ({"status": "failed"}, "resend", "Resent as message {copy}."),
        ({"status": "queued"}, "cancel", "Cancelled."),
        ({"status": "queued"}, "retry", "To be tried at once."),
        ({"status": "queued", "held": True}, "mark-sent", "Marked as sent."),
    ],
)
def test_an_act_leaves_a_log_entry_that_the_page_shows(
    operator: Client, make_row: MakeRow, values: dict[str, Any], act: str, text: str
) -> None:
    row = make_row(**values)

    operator.post(button_of(row, act))

    entry = LogEntry.objects.get(object_id=row.pk)
    copy = OutboundMessage.objects.order_by("-pk")[0].pk
    assert (entry.user.username, entry.object_id, entry.action_flag) == (
        "anna",
        str(row.pk),
        CHANGE,
    )
    assert entry.change_message == text.format(copy=copy)
    assert entry.change_message in words(operator.get(f"{MESSAGES}{row.pk}/history/"))
    assert f"{entry.change_message} by anna" in words(operator.get(page_of(row)))


def test_the_copy_tells_who_resent_it(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")

    page = operator.post(button_of(row, "resend"), follow=True)

    assert f"Written as a copy of message {row.pk}. by anna" in words(page)


@pytest.mark.parametrize("act", ["resend", "cancel", "retry", "mark-sent"])
def test_looking_at_the_page_that_asks_changes_nothing(
    operator: Client, make_row: MakeRow, act: str
) -> None:
    row = make_row("failed") if act == "resend" else make_row("queued", held=True)
    before = OutboundMessage.objects.values().get()

    response = operator.get(button_of(row, act))

    assert response.status_code == 200
    assert "1 " in response.context["promise"]
    assert OutboundMessage.objects.values().get() == before


def test_the_page_that_asks_knows_that_a_row_has_changed(
    operator: Client, make_row: MakeRow
) -> None:
    row = make_row("sending")

    text = words(operator.get(button_of(row, "cancel")))

    assert f"nothing to do here. 1 is left alone: already sending (message {row.pk})." in text


def test_a_sent_message_may_be_sent_again_from_its_page(
    operator: Client, make_row: MakeRow
) -> None:
    row = make_row("sent")

    assert "1 message will be written once more" in words(operator.get(button_of(row, "resend")))


def test_the_way_back_keeps_the_filters_of_the_list(
    operator: Client, make_row: MakeRow, no_inline_code: Callable[[Any], None]
) -> None:
    row = make_row("failed")
    filters = "?_changelist_filters=status__exact%3Dfailed"

    page = operator.get(page_of(row) + filters)
    assert f'href="{button_of(row, "resend")}{filters}"' in page.content.decode()
    no_inline_code(page)

    response = operator.post(button_of(row, "resend") + filters)
    copy = OutboundMessage.objects.get(resend_of=row)
    assert response["Location"] == page_of(copy) + filters
