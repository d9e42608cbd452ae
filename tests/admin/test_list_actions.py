"""Actions of the list of messages: what becomes of the rows, and what is said about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from djhipchat2.models import OutboundMessage
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, confirm, said, words
from tests.scripted import PATH, UNAVAILABLE, Script

Press = Callable[..., list[str]]


def test_resending_from_the_list(press_in_list: Press, make_row: MakeRow) -> None:
    rows = [make_row(status) for status in ("failed", "expired", "cancelled")]

    said = press_in_list("resend_messages", *rows)

    assert said == ["success: 3 messages resent, now 3 sent."]
    copies = OutboundMessage.objects.exclude(resend_of=None).order_by("pk")
    assert [copy.resend_of_id for copy in copies] == [row.pk for row in rows]
    logged = LogEntry.objects.values_list("object_id", flat=True)
    assert set(logged) == {str(row.pk) for row in [*rows, *copies]}


@pytest.mark.django_db(transaction=True)
def test_what_became_of_the_copies_is_told(
    press_in_list: Press, make_row: MakeRow, chat: Script, settings: Any
) -> None:
    settings.HIPCHAT_BACKEND = PATH
    chat.by_text = {"bad": UNAVAILABLE}

    said = press_in_list(
        "resend_messages", make_row("failed", room_id="Dev", message="bad"), make_row("failed")
    )

    assert said == ["success: 2 messages resent, now 1 queued, 1 sent."]


def test_rows_that_need_no_resending_are_left_alone(operator: Client, make_row: MakeRow) -> None:
    failed, sent, queued, resent = rows = [
        make_row(status) for status in ("failed", "sent", "queued", "failed")
    ]
    copy_of_resent = make_row("sent", resend_of=resent)

    data = {"action": "resend_messages", "_selected_action": [row.pk for row in rows]}
    asked = operator.post(MESSAGES, data)
    after = confirm(operator, asked)

    assert (
        "3 are left alone: "
        f"sent before, open it to send it again (message {sent.pk}); "
        f"still queued (message {queued.pk}); "
        f"resent before, resend its copy (message {resent.pk})."
    ) in words(asked)
    copy = OutboundMessage.objects.get(resend_of=failed)
    assert said(after) == [f"success: Message {failed.pk} resent as {copy.pk}, now sent."]
    assert OutboundMessage.objects.exclude(resend_of=None).count() == 2
    assert OutboundMessage.objects.get(resend_of=resent) == copy_of_resent


def test_cancelling_from_the_list(press_in_list: Press, make_row: MakeRow) -> None:
    queued = [make_row("queued") for _ in range(2)]
    sending = make_row("sending")

    said = press_in_list("cancel_messages", *queued, sending)

    assert said == ["success: 2 messages cancelled."]
    assert OutboundMessage.objects.filter(status="cancelled").count() == 2
    assert LogEntry.objects.count() == 2


def test_rows_that_changed_while_somebody_was_asked_are_left_alone(
    operator: Client, make_row: MakeRow
) -> None:
    first, second = make_row("queued"), make_row("queued")
    data = {"action": "cancel_messages", "_selected_action": [first.pk, second.pk]}
    asked = operator.post(MESSAGES, data)
    now = timezone.now()
    OutboundMessage.objects.filter(pk=first.pk).update(
        status="sending", lease_token="t", attempt_started_at=now
    )

    after = confirm(operator, asked)

    assert said(after) == [
        f"warning: 1 message cancelled. 1 left alone: already sending (message {first.pk})."
    ]


def test_of_many_rows_the_first_are_named(operator: Client, make_row: MakeRow) -> None:
    rows = [make_row("sent") for _ in range(7)]

    data = {"action": "cancel_messages", "_selected_action": [row.pk for row in rows]}
    text = words(operator.post(MESSAGES, data))

    numbers = ", ".join(str(rows[0].pk + i) for i in range(5))
    assert f"7 are left alone: already sent (messages {numbers}, …)." in text


def test_what_hinders_many_rows_is_told_once(press_in_list: Press, make_row: MakeRow) -> None:
    rows = [make_row("failed", connection="gone") for _ in range(2)]

    [said] = press_in_list("resend_messages", *rows)

    assert said.startswith("error: Nothing resent. 2 not possible: The connection 'gone' is not")
    assert said.endswith(f"(messages {rows[0].pk}, {rows[1].pk}).")


def test_retrying_from_the_list(press_in_list: Press, make_row: MakeRow) -> None:
    rows = [make_row("queued", next_attempt_at="2126-11-25T03:00Z", error="x") for _ in range(2)]

    said = press_in_list("retry_messages", *rows)

    assert said == ["success: 2 messages to be tried at once, now 2 queued."]
    for row in rows:
        row.refresh_from_db()
        assert row.next_attempt_at is None


def test_deciding_from_the_list(press_in_list: Press, make_row: MakeRow) -> None:
    held, waiting = make_row("queued", held=True), make_row("queued")

    said = press_in_list("mark_sent_messages", held, waiting)

    assert said == ["success: 1 message marked as sent."]
    held.refresh_from_db()
    assert held.status == "sent"


def test_a_list_of_nothing_says_so(press_in_list: Press, make_row: MakeRow) -> None:
    sent = make_row("sent")

    assert press_in_list("retry_messages", sent)[0].startswith("success: Nothing to try.")
    assert press_in_list("mark_sent_messages", sent)[0].startswith("success: Nothing marked")
