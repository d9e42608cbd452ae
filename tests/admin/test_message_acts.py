"""Acts on messages, without a page: rows that change meanwhile, chats that are slow, logs."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2 import operations
from djhipchat2.admin.message_acts import CANCEL, MARK_SENT, RESEND, RETRY
from djhipchat2.exceptions import MessageStateError
from djhipchat2.models import OutboundMessage
from tests.admin.conftest import MakeRow


def no_log(row: OutboundMessage, text: str) -> None:
    """Keep no log."""


def test_of_too_many_rows_those_to_be_decided_are_found(make_row: MakeRow) -> None:
    held, _ = make_row("queued", held=True), make_row("queued")

    assert list(MARK_SENT.among(OutboundMessage.objects.all())) == [held]


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
