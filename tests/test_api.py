"""What a call leaves: a row, a payload as in 2013, or the caller's own error."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from datetime import timezone as offset
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

import djhipchat2
from djhipchat2.exceptions import ConnectionUnknown, MessageError
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status, Trigger

REQUEST = "djhipchat2.backends.request.HipChatBackend"
LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"


@pytest.mark.django_db
def test_the_default_backend_keeps_messages_in_memory() -> None:
    row = djhipchat2.send_message("1234", "hello", sender="TestFrom")

    assert djhipchat2.sent_messages == [
        {
            "room_id": "1234",
            "from": "TestFrom",
            "message": "hello",
            "message_format": "html",
            "notify": 0,
            "color": "yellow",
            "format": "json",
        }
    ]
    assert (row.status, row.attempts) == (Status.SENT, 1)


@pytest.mark.django_db
def test_every_message_leaves_a_row() -> None:
    row = djhipchat2.send_message("Ops", "hello", "Bot", "text", True, "red")

    stored = OutboundMessage.objects.get()
    assert stored.pk == row.pk
    assert (stored.room_id, stored.message, stored.sender) == ("Ops", "hello", "Bot")
    assert (stored.message_format, stored.notify, stored.color) == ("text", True, "red")
    assert (stored.connection, stored.backend) == ("default", LOCMEM)
    assert (stored.status, stored.error) == (Status.SENT, "")
    attempt = stored.delivery_attempts.get()
    assert (attempt.trigger, attempt.outcome) == (Trigger.IMMEDIATE, "accepted")


@pytest.mark.django_db
def test_a_numeric_room_stays_a_number_in_the_payload_as_in_2013() -> None:
    row = djhipchat2.send_message(4242, "hello")

    assert djhipchat2.sent_messages[0]["room_id"] == 4242
    row.refresh_from_db()
    assert row.room_id == "4242"


@pytest.mark.django_db
@pytest.mark.parametrize(("setting", "sender"), [("Deploys", "Deploys"), (None, "Django")])
def test_the_default_sender(settings: Any, setting: str | None, sender: str) -> None:
    settings.HIPCHAT_DEFAULT_SENDER = setting

    djhipchat2.send_message("1234", "hello")

    assert djhipchat2.sent_messages[0]["from"] == sender


@pytest.mark.django_db
def test_an_invalid_value_is_the_callers_error_and_writes_nothing() -> None:
    with pytest.raises(ValueError, match="color 'pink': must be one of yellow, red"):
        djhipchat2.send_message("Ops", "hello", color="pink")

    assert not OutboundMessage.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("using", ["nowhere", ["default"], None, 7])
def test_an_unknown_connection_is_the_callers_error(using: Any) -> None:
    with pytest.raises(ConnectionUnknown, match=re.escape(f"{using!r} is not configured")):
        djhipchat2.send_message("Ops", "hello", using=using)


@pytest.mark.django_db
def test_request_without_a_token_is_refused_before_anything_is_written(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = REQUEST

    with pytest.raises(ImproperlyConfigured, match="HipChat API token not set"):
        djhipchat2.send_message("Ops", "hello")

    assert not OutboundMessage.objects.exists()


@pytest.mark.django_db
def test_defer_works_under_locmem_too() -> None:
    row = djhipchat2.send_message("Ops", "hello", defer=True)

    assert row.status == Status.QUEUED
    assert djhipchat2.sent_messages == []


@pytest.mark.django_db
def test_deliver_at_waits() -> None:
    moment = timezone.now() + timedelta(hours=1)

    row = djhipchat2.send_message("Ops", "hello", deliver_at=moment)

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert row.deliver_at == row.next_attempt_at == moment
    assert djhipchat2.sent_messages == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "error"),
    [
        (
            {"deliver_at": datetime.max.replace(tzinfo=offset(-timedelta(hours=8)))},
            "deliver_at .*: must be in one of the years 1001 to 9998; leave deliver_at out",
        ),
        (
            {"expires_at": datetime.min.replace(tzinfo=UTC)},
            "expires_at .*: must be in one of the years 1001 to 9998",
        ),
        ({"dedupe_key": "\ud800"}, "dedupe_key .*: contains half of a surrogate pair"),
        ({"dedupe_key": "a\0b"}, "dedupe_key .*: must not contain NUL"),
        ({"deliver_at": "tomorrow"}, "deliver_at 'tomorrow': must be a datetime"),
        ({"deliver_at": datetime(2030, 1, 1)}, "deliver_at .*: must be aware"),  # noqa: DTZ001
        ({"expires_at": timezone.now() - timedelta(1)}, "expires_at .*: must be later than"),
        (
            {
                "deliver_at": timezone.now() + timedelta(days=2),
                "expires_at": timezone.now() + timedelta(days=1),
            },
            "expires_at .*: must be later than deliver_at",
        ),
        ({"dedupe_key": ""}, "dedupe_key '': must be a string of 1 to 200 characters"),
        ({"dedupe_key": "k" * 201}, "dedupe_key 'k+…: must be a string of 1 to 200"),
        ({"dedupe_key": 7}, "dedupe_key 7: must be a string"),
        ({"card": {"style": "file"}}, "card .*: needs a 'id'"),
    ],
)
def test_wrong_options_are_the_callers_error(options: dict[str, Any], error: str) -> None:
    with pytest.raises(MessageError, match=error):
        djhipchat2.send_message("Ops", "hello", **options)

    assert not OutboundMessage.objects.exists()


@pytest.mark.django_db
def test_naive_times_are_right_where_use_tz_is_off(settings: Any) -> None:
    settings.USE_TZ = False

    with pytest.raises(MessageError, match="must be naive, as USE_TZ says"):
        djhipchat2.send_message(
            "Ops", "hello", deliver_at=datetime.fromisoformat("2030-01-01T00:00:00+00:00")
        )


@pytest.mark.django_db
def test_a_card_is_stored(settings: Any) -> None:
    settings.HIPCHAT_API_VERSION = 2
    card = {"style": "application", "id": "7", "title": "Build 7"}

    row = djhipchat2.send_message("Ops", "Build 7", card=card, defer=True)

    row.refresh_from_db()
    assert row.card == card


@pytest.mark.django_db(transaction=True)
def test_asend_message() -> None:
    row = async_to_sync(djhipchat2.asend_message)("Ops", "hello", color="red")

    assert row.status == Status.SENT
    assert djhipchat2.sent_messages[0]["color"] == "red"


def test_an_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'send_massage'"):
        djhipchat2.send_massage  # noqa: B018
