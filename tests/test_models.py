from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DataError, OperationalError
from django.utils import timezone

import djhipchat2
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import FINAL, Status

pytestmark = pytest.mark.django_db

# What the databases raise when a check fails: MySQL before 8.0.16 had its own code for it.
REFUSED = (IntegrityError, OperationalError, DataError)


@pytest.fixture
def row() -> OutboundMessage:
    return djhipchat2.send_message("Ops", "hello", defer=True)


@pytest.mark.parametrize(
    "impossible",
    [
        {"status": "posted"},
        {"color": "pink"},
        {"message_format": "md"},
        {"status": "sent"},
        {"status": "sent", "sent_at": timezone.now()},
        {"status": "sent", "finished_at": timezone.now()},
        {"status": "failed"},
        {"status": "expired"},
        {"status": "cancelled"},
        {"finished_at": timezone.now()},
        {"sent_at": timezone.now()},
        {
            "status": "failed",
            "finished_at": timezone.now(),
            "next_attempt_at": timezone.now() + timedelta(hours=1),
        },
        {"status": "failed", "finished_at": timezone.now(), "sent_at": timezone.now()},
        {"status": "sending"},
        {"status": "sending", "lease_token": "t"},
        {"status": "sending", "attempt_started_at": timezone.now()},
        {"lease_token": "t"},
        {"attempt_started_at": timezone.now()},
        {"dedupe_key": "k"},
        {"dedupe_digest": "0" * 64},
    ],
)
def test_impossible_states_are_impossible_in_the_database(
    row: OutboundMessage, impossible: dict[str, Any]
) -> None:
    with pytest.raises(REFUSED), transaction.atomic():
        OutboundMessage.objects.filter(pk=row.pk).update(**impossible)


@pytest.mark.parametrize(
    "impossible",
    [
        {"hold_reason": "tired"},
        {"lease_token": "t"},
        {"lease_expires_at": timezone.now()},
    ],
)
def test_impossible_rooms_are_impossible_in_the_database(impossible: dict[str, Any]) -> None:
    Room.objects.create(connection="default", room_id="Ops")

    with pytest.raises(REFUSED), transaction.atomic():
        Room.objects.update(**impossible)


def test_a_room_exists_once() -> None:
    Room.objects.create(connection="default", room_id="Ops")

    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.create(connection="default", room_id="Ops")


@pytest.mark.parametrize("impossible", [{"outcome": "maybe"}, {"trigger": "magic"}])
def test_impossible_attempts_are_impossible_in_the_database(impossible: dict[str, Any]) -> None:
    djhipchat2.send_message("Ops", "hello")

    with pytest.raises(REFUSED), transaction.atomic():
        DeliveryAttempt.objects.update(**impossible)


def test_final_is_what_will_not_change(row: OutboundMessage) -> None:
    finals = {status for status in Status if OutboundMessage(status=status).is_final}

    assert finals == set(FINAL) == {"sent", "failed", "expired", "cancelled"}


def test_rows_are_told_apart_in_lists(row: OutboundMessage) -> None:
    sent = djhipchat2.send_message("Ops", "hello")

    assert str(row) == f"{row.pk} to Ops: queued"
    assert str(sent.delivery_attempts.get()) == "1: accepted"
    assert str(Room(connection="default", room_id="Ops")) == "Ops (default)"


def test_every_text_that_is_valid_can_be_stored() -> None:
    text = "ünïcödé \N{PILE OF POO} \u202e right-to-left \t\n" + "x" * 9_000

    row = djhipchat2.send_message("Zimmer \N{PILE OF POO}", text, message_format="text")

    row.refresh_from_db()
    assert row.message == text
    assert row.room_id == "Zimmer \N{PILE OF POO}"


def test_deleting_a_message_deletes_its_attempts_and_spares_its_copy(row: OutboundMessage) -> None:
    from djhipchat2 import operations

    old = djhipchat2.send_message("Ops", "hello")
    copy = operations.resend(old)

    old.delete()

    copy.refresh_from_db()
    assert copy.resend_of is None
    assert DeliveryAttempt.objects.count() == 1
