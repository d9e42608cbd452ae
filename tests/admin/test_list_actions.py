from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from djhipchat2.admin import actions
from djhipchat2.admin import messages as admin_messages
from djhipchat2.models import OutboundMessage
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES
from tests.scripted import PATH, UNAVAILABLE, Script

Press = Callable[..., list[str]]


def no_log(row: OutboundMessage, text: str) -> None:
    """Keep no log."""


def test_resending_from_the_list(press_in_list: Press, make_row: MakeRow) -> None:
    rows = [make_row(status) for status in ("failed", "expired", "cancelled")]

    said = press_in_list("resend_messages", *rows)

    assert said == ["success: 3 messages resent, now 3 sent."]
    copies = OutboundMessage.objects.exclude(resend_of=None).order_by("pk")
    assert [copy.resend_of_id for copy in copies] == [row.pk for row in rows]
    logged = LogEntry.objects.values_list("object_id", flat=True)
    assert set(logged) == {str(row.pk) for row in rows}


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


def test_rows_that_need_no_resending_are_left_alone(
    press_in_list: Press, make_row: MakeRow
) -> None:
    failed, sent, queued, resent = (
        make_row(status) for status in ("failed", "sent", "queued", "failed")
    )
    copy_of_resent = make_row("sent", resend_of=resent)

    said = press_in_list("resend_messages", failed, sent, queued, resent)

    copy = OutboundMessage.objects.get(resend_of=failed)
    assert said == [
        f"warning: Message {failed.pk} resent as {copy.pk}, now sent. 3 left alone: "
        f"sent before, open it to send it again (message {sent.pk}); "
        f"still queued (message {queued.pk}); "
        f"resent before, resend its copy (message {resent.pk})."
    ]
    assert OutboundMessage.objects.exclude(resend_of=None).count() == 2
    assert OutboundMessage.objects.get(resend_of=resent) == copy_of_resent


def test_cancelling_from_the_list(press_in_list: Press, make_row: MakeRow) -> None:
    queued = [make_row("queued") for _ in range(2)]
    sending = make_row("sending")

    said = press_in_list("cancel_messages", *queued, sending)

    assert said == [
        f"warning: 2 messages cancelled. 1 left alone: already sending (message {sending.pk})."
    ]
    assert OutboundMessage.objects.filter(status="cancelled").count() == 2
    assert LogEntry.objects.count() == 2


def test_of_many_rows_the_first_are_named(press_in_list: Press, make_row: MakeRow) -> None:
    rows = [make_row("sent") for _ in range(7)]

    [said] = press_in_list("cancel_messages", *rows)

    first = rows[0].pk
    numbers = ", ".join(str(first + i) for i in range(5))
    assert said == (
        f"warning: Nothing cancelled. 7 left alone: already sent (messages {numbers}, …)."
    )


def test_what_hinders_many_rows_is_told_once(press_in_list: Press, make_row: MakeRow) -> None:
    rows = [make_row("failed", connection="gone") for _ in range(2)]

    [said] = press_in_list("resend_messages", *rows)

    assert said.startswith("error: Nothing resent. 2 not possible: The connection 'gone' is not")
    assert said.endswith(f"(messages {rows[0].pk}, {rows[1].pk}).")


def test_a_get_does_not_act(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")

    operator.get(MESSAGES, {"action": "resend_messages", "_selected_action": [row.pk]})

    assert OutboundMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "status", "other"),
    [("resend_messages", "failed", "queued"), ("cancel_messages", "queued", "sent")],
)
def test_of_too_many_rows_the_oldest_that_can_be_acted_on_are(
    press_in_list: Press,
    make_row: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    status: str,
    other: str,
) -> None:
    monkeypatch.setattr(admin_messages, "MOST", 2)
    rows = [make_row(kind) for kind in (other, status, status, status)]

    first = press_in_list(action, rows[0], select_across="1")

    assert first[0] == (
        "warning: Only the oldest 2 were acted on. Repeat the action for the next ones."
    )
    done = LogEntry.objects.values_list("object_id", flat=True)
    assert set(done) == {str(rows[1].pk), str(rows[2].pk)}

    press_in_list(action, rows[0], select_across="1")

    assert set(done.all()) == {str(row.pk) for row in rows[1:]}


def test_a_row_that_vanished_is_left_alone(make_row: MakeRow) -> None:
    row = make_row("queued")
    OutboundMessage.objects.all().delete()

    report = actions.cancel([row], no_log)

    assert (report.done, report.left) == ([], {"deleted meanwhile": [row.pk]})


def test_a_row_that_was_resent_after_it_was_read_is_left_alone(make_row: MakeRow) -> None:
    first, second = make_row("sent"), make_row("failed")
    make_row("sent", resend_of=second)

    report = actions.resend_unsent([first, second], no_log)

    assert report.left == {
        "sent before, open it to send it again": [first.pk],
        "resent before, resend its copy": [second.pk],
    }


def test_nobody_waits_long_for_a_chat_that_does_not_answer(
    make_row: MakeRow, sent_messages: list[dict[str, object]]
) -> None:
    rows = [make_row("failed") for _ in range(2)]

    report = actions.resend(rows, no_log, patience=0)

    assert [copy.status for copy in report.done] == ["queued", "queued"]
    assert sent_messages == []
    assert actions.account_of_resend(report) == "2 messages resent, now 2 queued."


@pytest.mark.parametrize(
    ("act", "status"), [(actions.resend, "failed"), (actions.cancel, "queued")]
)
def test_nothing_happens_without_a_log_entry(make_row: MakeRow, act: Any, status: str) -> None:
    row = make_row(status)

    def broken_log(row: OutboundMessage, text: str) -> None:
        message = "no log"
        raise OSError(message)

    with pytest.raises(OSError, match="no log"):
        act([row], broken_log)

    assert list(OutboundMessage.objects.values_list("pk", "status")) == [(row.pk, status)]
