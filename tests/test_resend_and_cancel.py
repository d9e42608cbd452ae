from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

import djhipchat2
from djhipchat2 import operations
from djhipchat2.exceptions import MessageStateError
from djhipchat2.models import OutboundMessage
from djhipchat2.states import FINAL, Status, Trigger
from tests.scripted import PATH, REJECTED, script


@pytest.fixture
def failed(settings: Any, transactional_db: None) -> OutboundMessage:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    script.results = [REJECTED]
    row = djhipchat2.send_message(
        "Ops",
        "hello",
        "Bot",
        "text",
        True,
        "red",
        dedupe_key="k",
        expires_at=timezone.now() + timedelta(hours=1),
    )
    row.refresh_from_db()
    return row


def test_resending_writes_a_copy_that_is_delivered(failed: OutboundMessage) -> None:
    copy = operations.resend(failed)

    copy.refresh_from_db()
    failed.refresh_from_db()
    assert (failed.status, failed.attempts) == (Status.FAILED, 1)
    assert copy.status == Status.SENT
    assert copy.resend_of == failed
    assert failed.resent_as == copy
    assert (copy.room_id, copy.message, copy.sender) == ("Ops", "hello", "Bot")
    assert (copy.message_format, copy.notify, copy.color) == ("text", True, "red")
    assert (copy.attempts, copy.dedupe_key, copy.expires_at) == (1, None, None)
    assert copy.delivery_attempts.get().trigger == Trigger.RESEND


def test_a_message_is_resent_once(failed: OutboundMessage) -> None:
    operations.resend(failed)

    with pytest.raises(MessageStateError, match="has been resent; resend its copy"):
        operations.resend(failed)

    assert OutboundMessage.objects.count() == 2


def test_of_two_racing_resends_one_wins(failed: OutboundMessage) -> None:
    start = threading.Barrier(2)
    results: list[str] = []

    def race() -> None:
        try:
            start.wait()
            operations.resend(failed, defer=True)
            results.append("resent")
        except MessageStateError:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["refused", "resent"]


def test_the_copy_can_be_resent(failed: OutboundMessage) -> None:
    copy = operations.resend(failed)

    again = operations.resend(copy)

    assert again.resend_of_id == copy.pk


def test_a_deferred_resend_waits_for_a_flush(failed: OutboundMessage) -> None:
    copy = operations.resend(failed, defer=True)

    copy.refresh_from_db()
    assert copy.status == Status.QUEUED


@pytest.mark.django_db
def test_a_message_that_is_not_final_cannot_be_resent() -> None:
    row = djhipchat2.send_message("Ops", "hello", defer=True)

    with pytest.raises(MessageStateError, match="is queued; only a final one can be resent"):
        operations.resend(row)


@pytest.mark.django_db
def test_cancelling_a_queued_message() -> None:
    row = djhipchat2.send_message("Ops", "hello", deliver_at=timezone.now() + timedelta(hours=1))

    operations.cancel(row)

    assert row.status == Status.CANCELLED
    assert row.next_attempt_at is None
    assert row.finished_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize("status", [status.value for status in FINAL])
def test_a_final_message_cannot_be_cancelled(status: str) -> None:
    row = djhipchat2.send_message("Ops", "hello", defer=True)
    now = timezone.now()
    OutboundMessage.objects.update(
        status=status, finished_at=now, sent_at=now if status == Status.SENT else None
    )

    with pytest.raises(MessageStateError, match=f"is {status}; only a queued one"):
        operations.cancel(row)
