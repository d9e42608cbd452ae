"""When the buttons of a message's page do nothing, and what they say then."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import translation

from djhipchat2.models import OutboundMessage
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, button_of, page_of, said, words


def test_a_message_that_was_resent_is_not_resent_again(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")
    make_row("sent", resend_of=row)

    text = words(operator.get(button_of(row, "resend")))

    assert "1 is left alone: resent before, resend its copy" in text


def test_a_double_click_resends_once_and_shows_the_copy(
    operator: Client, make_row: MakeRow
) -> None:
    row = make_row("failed")

    operator.post(button_of(row, "resend"))
    response = operator.post(button_of(row, "resend"), follow=True)

    copy = OutboundMessage.objects.get(resend_of=row)
    assert response.redirect_chain == [(page_of(copy), 302)]
    assert said(response)[-1] == (
        f"warning: Nothing resent. 1 left alone: resent before, resend its copy (message {row.pk})."
    )
    assert OutboundMessage.objects.count() == 2


def test_a_double_click_cancels_once(operator: Client, make_row: MakeRow) -> None:
    row = make_row("queued")

    operator.post(button_of(row, "cancel"))
    response = operator.post(button_of(row, "cancel"), follow=True)

    assert said(response)[-1] == (
        f"warning: Nothing cancelled. 1 left alone: already cancelled (message {row.pk})."
    )
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "act", "text"),
    [
        ("queued", "resend", "Nothing resent. 1 left alone: still queued"),
        ("sending", "resend", "Nothing resent. 1 left alone: still sending"),
        ("sending", "cancel", "Nothing cancelled. 1 left alone: already sending"),
        ("sent", "cancel", "Nothing cancelled. 1 left alone: already sent"),
    ],
)
def test_a_row_that_changed_meanwhile_is_left_alone(
    operator: Client, make_row: MakeRow, status: str, act: str, text: str
) -> None:
    row = make_row(status)

    response = operator.post(button_of(row, act), follow=True)

    assert said(response) == [f"warning: {text} (message {row.pk})."]
    row.refresh_from_db()
    assert row.status == status
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("act", ["resend", "cancel"])
def test_a_row_that_was_deleted_meanwhile(operator: Client, make_row: MakeRow, act: str) -> None:
    row = make_row()
    address = button_of(row, act)
    OutboundMessage.objects.all().delete()

    response = operator.post(address, follow=True)

    assert response.redirect_chain == [(MESSAGES, 302)]
    number = address.split("/")[-3]
    assert said(response) == [f"warning: Message {number} does not exist any more."]


@pytest.mark.parametrize(
    ("settings_", "connection", "text"),
    [
        ({}, "gone", "The connection 'gone' is not configured in this process."),
        (
            {"HIPCHAT_BACKEND": "djhipchat2.backends.request.HipChatBackend"},
            "default",
            "HIPCHAT_API_TOKEN",
        ),
    ],
)
def test_a_configuration_that_hinders_it_is_told(
    operator: Client,
    make_row: MakeRow,
    settings: Any,
    settings_: dict[str, str],
    connection: str,
    text: str,
) -> None:
    for name, value in settings_.items():
        setattr(settings, name, value)
    row = make_row("failed", connection=connection)

    response = operator.post(button_of(row, "resend"), follow=True)

    [line] = said(response)
    assert line.startswith("error: Nothing resent. 1 not possible: ")
    assert text in line
    assert OutboundMessage.objects.count() == 1


def test_a_message_that_the_chat_would_refuse_now_is_told(
    operator: Client, make_row: MakeRow
) -> None:
    row = make_row("failed", sender="A name that only version 2 of the API takes")

    [line] = said(operator.post(button_of(row, "resend"), follow=True))

    assert line.startswith("error: Nothing resent. 1 not possible: Sender 'A name that only")


@pytest.mark.parametrize(
    ("values", "german"),
    [
        (
            {"sender": "Only version 2 takes it"},
            "Absender 'Only version 2 takes it': In der API v1 von HipChat sind es 1 bis 15",
        ),
        (
            {"connection": "gone"},
            "Die Verbindung 'gone' ist in diesem Prozess nicht konfiguriert. Bekannt sind:",
        ),
    ],
    ids=["sender", "connection"],
)
def test_a_refusal_is_told_in_ones_own_language(
    operator: Client, make_row: MakeRow, values: dict[str, str], german: str
) -> None:
    row = make_row("failed", **values)

    with translation.override("de"):
        [line] = said(operator.post(button_of(row, "resend"), follow=True))

    assert german in line


@pytest.mark.parametrize("act", ["resend", "cancel", "retry", "mark-sent"])
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(
    operator: Client, make_row: MakeRow, act: str, method: str
) -> None:
    row = make_row("failed" if act == "resend" else "queued")

    response = getattr(operator, method)(button_of(row, act))

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"
    assert OutboundMessage.objects.filter(status=row.status).count() == 1


def test_a_post_from_another_site_is_refused(make_row: MakeRow, operator: Client) -> None:
    row = make_row("failed")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operator.cookies

    assert strict.post(button_of(row, "resend")).status_code == 403
    assert OutboundMessage.objects.count() == 1
