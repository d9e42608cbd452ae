from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from djhipchat2 import operations
from djhipchat2.admin import act_views
from djhipchat2.admin.message_acts import CANCEL, MARK_SENT, RESEND, RETRY
from djhipchat2.exceptions import MessageStateError
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, confirm, said, words
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


def test_a_get_does_not_act(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")

    operator.get(MESSAGES, {"action": "resend_messages", "_selected_action": [row.pk]})

    assert OutboundMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "status", "other"),
    [
        ("resend_messages", "failed", "queued"),
        ("cancel_messages", "queued", "sent"),
        ("retry_messages", "queued", "sent"),
    ],
)
def test_of_too_many_rows_the_oldest_that_can_be_acted_on_are(
    operator: Client,
    make_row: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    status: str,
    other: str,
) -> None:
    monkeypatch.setattr(act_views, "MOST", 2)
    rows = [make_row(kind) for kind in (other, status, status, status)]

    data = {"action": action, "_selected_action": [rows[0].pk], "select_across": "1"}
    asked = operator.post(MESSAGES, data)
    confirm(operator, asked)

    assert "these are the oldest 2. Repeat the action for the next ones." in words(asked)
    done = LogEntry.objects.values_list("object_id", flat=True)
    assert {str(row.pk) for row in rows} & set(done) == {str(rows[1].pk), str(rows[2].pk)}


def test_of_too_many_rows_those_to_be_decided_are_found(make_row: MakeRow) -> None:
    held, _ = make_row("queued", held=True), make_row("queued")

    assert list(MARK_SENT.among(OutboundMessage.objects.all())) == [held]


def test_the_page_that_asks_says_what_will_happen(operator: Client, make_row: MakeRow) -> None:
    Room.objects.create(connection="default", room_id="Ops", hold_reason="paused")
    Room.objects.create(connection="default", room_id="Dev")
    rows = [make_row("failed", message=f"text {number}") for number in range(11)]
    rows.append(make_row("failed", room_id="Dev"))
    rows.append(make_row("queued"))

    data = {"action": "resend_messages", "_selected_action": [row.pk for row in rows]}
    text = words(operator.post(MESSAGES, data))

    assert "12 messages will be written once more, as copies with fresh attempts" in text
    assert f"1 is left alone: still queued (message {rows[-1].pk})." in text
    assert "Ops : 11 ‖ on hold Dev : 1 Messages" in text
    assert f"{rows[9].pk}: Ops , text 9 and 2 more" in text
    assert OutboundMessage.objects.count() == 13


def test_where_nothing_applies_there_is_no_button(operator: Client, make_row: MakeRow) -> None:
    data = {"action": "resend_messages", "_selected_action": [make_row("queued").pk]}
    asked = operator.post(MESSAGES, data)

    assert "There is nothing to do here." in words(asked)
    assert b'type="submit" value="Resend"' not in asked.content


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


def test_what_was_selected_is_acted_on_although_more_matches_by_now(
    operator: Client, make_row: MakeRow
) -> None:
    first = make_row("failed")
    data = {"action": "resend_messages", "_selected_action": [first.pk], "select_across": "1"}
    asked = operator.post(MESSAGES, data)
    later = make_row("failed")

    confirm(operator, asked)

    assert OutboundMessage.objects.filter(resend_of=first).exists()
    assert not OutboundMessage.objects.filter(resend_of=later).exists()


def test_a_second_press_acts_on_nothing(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")
    data = {"action": "resend_messages", "_selected_action": [row.pk]}
    asked = operator.post(MESSAGES, data)

    confirm(operator, asked)
    again = confirm(operator, asked)

    assert said(again)[-1] == (
        f"warning: Nothing resent. 1 left alone: resent before, resend its copy (message {row.pk})."
    )
    assert OutboundMessage.objects.count() == 2


def test_the_way_back_keeps_the_filters(operator: Client, make_row: MakeRow) -> None:
    data = {"action": "resend_messages", "_selected_action": [make_row("failed").pk]}
    asked = operator.post(f"{MESSAGES}?status__exact=failed", data)
    after = confirm(operator, asked)

    assert asked.context["back"] == f"{MESSAGES}?status__exact=failed"
    assert after.redirect_chain == [(f"{MESSAGES}?status__exact=failed", 302)]


def test_who_comes_without_pressing_is_led_to_the_list(operator: Client) -> None:
    response = operator.get(f"{MESSAGES}act/resend/", follow=True)

    assert said(response) == ["warning: Nothing was done. Select the messages again."]


def test_there_is_no_other_act(operator: Client) -> None:
    assert operator.post(f"{MESSAGES}act/delete/").status_code == 404


def test_numbers_that_are_none_are_overlooked(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")
    rows = f"x,,{2**63},²,{row.pk}"

    operator.post(f"{MESSAGES}act/resend/", {"rows": rows})

    assert OutboundMessage.objects.filter(resend_of=row).exists()


def test_a_row_that_vanished_is_left_alone(make_row: MakeRow) -> None:
    row = make_row("queued")
    OutboundMessage.objects.all().delete()

    report = CANCEL.run([row], no_log)

    assert (report.done, report.left) == ([], {"deleted meanwhile": [row.pk]})


def test_a_row_that_was_resent_after_it_was_read_is_left_alone(make_row: MakeRow) -> None:
    first, second = make_row("sent"), make_row("failed")
    make_row("sent", resend_of=OutboundMessage.objects.get(pk=second.pk))

    report = RESEND.run_many([first, second], no_log)

    assert report.left == {
        "sent before, open it to send it again": [first.pk],
        "resent before, resend its copy": [second.pk],
    }


def test_a_row_that_changed_after_it_was_read_is_left_alone(make_row: MakeRow) -> None:
    rows = [make_row("queued"), make_row("queued"), make_row("sent")]
    CANCEL.run([OutboundMessage.objects.get(pk=rows[0].pk)], no_log)

    report = CANCEL.run_many(rows, no_log)

    assert [row.pk for row in report.done] == [rows[1].pk]
    assert report.left == {"already sent": [rows[2].pk], "already cancelled": [rows[0].pk]}


def test_a_row_that_was_released_and_held_again_is_left_alone(
    make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = make_row("queued", held=True)

    def too_late(row: OutboundMessage) -> None:
        message = "somebody was faster"
        raise MessageStateError(message)

    monkeypatch.setattr(operations, "mark_sent", too_late)

    assert MARK_SENT.run([row], no_log).left == {"changed meanwhile": [row.pk]}


@pytest.mark.parametrize(
    ("act", "values", "text"),
    [
        (RESEND, {"status": "failed"}, "2 messages resent, now 2 queued."),
        (RETRY, {"status": "queued"}, "2 messages to be tried at once, now 2 queued."),
    ],
)
def test_nobody_waits_long_for_a_chat_that_does_not_answer(
    make_row: MakeRow,
    sent_messages: list[dict[str, object]],
    act: Any,
    values: dict[str, Any],
    text: str,
) -> None:
    rows = [make_row(**values) for _ in range(2)]

    report = act.run(rows, no_log, patience=0)

    assert sent_messages == []
    assert act.done(report) == text


@pytest.mark.parametrize(
    ("act", "values"),
    [
        (RESEND, {"status": "failed"}),
        (CANCEL, {"status": "queued"}),
        (RETRY, {"status": "queued", "next_attempt_at": "2126-11-25T03:00Z"}),
        (MARK_SENT, {"status": "queued", "held": True}),
    ],
)
def test_nothing_happens_without_a_log_entry(
    make_row: MakeRow, act: Any, values: dict[str, Any]
) -> None:
    row = make_row(**values)
    before = OutboundMessage.objects.values().get()

    def broken_log(row: OutboundMessage, text: str) -> None:
        message = "no log"
        raise OSError(message)

    with pytest.raises(OSError, match="no log"):
        act.run([row], broken_log)

    assert OutboundMessage.objects.values().get() == before


def test_a_list_of_nothing_says_so(press_in_list: Press, make_row: MakeRow) -> None:
    sent = make_row("sent")

    assert press_in_list("retry_messages", sent)[0].startswith("success: Nothing to try.")
    assert press_in_list("mark_sent_messages", sent)[0].startswith("success: Nothing marked")
