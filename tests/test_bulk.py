"""Storing many rows at once: what comes back is what went in, on each database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction

from djhipchat2 import bulk
from djhipchat2.models import DeliveryAttempt, OutboundMessage
from djhipchat2.states import Color, Outcome, Status, Trigger

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 25, 12, 30, 15, 123456, tzinfo=UTC)
TEXTS = [
    "plain",
    "tab\tnew line\nreturn\rbackslash \\ \\N \\. \\t",
    "quotes ' \" ; -- %s %%",
    "Grüße, 你好, \N{PARTY POPPER}",
    "\\N",
    " ",
]


def message(text: str, **values: Any) -> OutboundMessage:
    return OutboundMessage(connection="default", backend="b", room_id="Ops", message=text, **values)


def stored(row: OutboundMessage) -> dict[str, Any]:
    found = OutboundMessage.objects.get(pk=row.pk)
    return {field.attname: getattr(found, field.attname) for field in found._meta.concrete_fields}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    row = message(text, sender=text[:64], error=text)

    bulk.insert([row], DEFAULT_DB_ALIAS)

    found = stored(row)
    assert (found["message"], found["sender"], found["error"]) == (text, text[:64], text)


def test_every_column_is_stored_as_by_django_itself() -> None:
    values = {
        "color": Color.RED,
        "notify": True,
        "status": Status.FAILED,
        "attempts": 3,
        "card": {"style": "link", "title": 'a "quoted" \\ title', "n": [1, None, True]},
        "deliver_at": MOMENT,
        "expires_at": MOMENT,
        "finished_at": MOMENT,
        "dedupe_key": "key",
        "route_group": "group",
        "fallback": "mail",
        "created": MOMENT,
    }
    ours, djangos = message("hello", **values), message("hello", **values)
    ours.dedupe_digest, djangos.dedupe_digest = "one", "two"

    bulk.insert([ours], DEFAULT_DB_ALIAS)
    djangos.save(force_insert=True)

    own = {"id", "dedupe_digest", "modified"}
    ours_stored, djangos_stored = stored(ours), stored(djangos)
    assert {name for name in ours_stored if ours_stored[name] != djangos_stored[name]} <= own
    assert ours_stored["status"] == Status.FAILED
    assert abs(ours_stored["modified"] - djangos_stored["modified"]).total_seconds() < 60


def test_rows_get_ascending_keys_in_their_order() -> None:
    rows = [message(str(number)) for number in range(1_200)]

    with transaction.atomic():
        bulk.insert(rows, DEFAULT_DB_ALIAS)

    found = OutboundMessage.objects.order_by("pk").values_list("pk", "message")
    assert list(found) == [(row.pk, row.message) for row in rows]
    assert [row.message for row in rows] == [str(number) for number in range(1_200)]


def test_rows_know_that_they_are_stored() -> None:
    row = message("hello")

    bulk.insert([row], DEFAULT_DB_ALIAS)
    row.sender = "me"
    row.save()

    assert OutboundMessage.objects.get().sender == "me"
    assert row._state.db == DEFAULT_DB_ALIAS


def test_keys_that_nobody_needs_are_not_asked_for() -> None:
    first = message("hello")
    first.save()
    attempts = [
        DeliveryAttempt(
            message=first,
            number=number,
            counted=number != 2,
            trigger=Trigger.FLUSH,
            worker="me",
            started_at=MOMENT,
            outcome=Outcome.UNAVAILABLE,
        )
        for number in (1, 2, 3)
    ]

    bulk.insert(attempts, DEFAULT_DB_ALIAS, with_keys=False)

    found = first.delivery_attempts.values_list("number", "counted", "started_at", "outcome")
    assert list(found) == [
        (number, number != 2, MOMENT, Outcome.UNAVAILABLE) for number in (1, 2, 3)
    ]


def test_a_row_that_breaks_a_constraint_raises_djangos_error() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert([message("good"), message("bad", color="pink")], DEFAULT_DB_ALIAS)

    assert not OutboundMessage.objects.exists()


def test_no_rows_cost_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        bulk.insert([], DEFAULT_DB_ALIAS)


def test_a_new_row_is_what_the_model_itself_would_make() -> None:
    columns = {"connection": "default", "backend": "b", "room_id": "Ops", "message": "hello"}

    row, expected = bulk.new(OutboundMessage, **columns), OutboundMessage(**columns)

    for field in OutboundMessage._meta.concrete_fields:
        if field.name != "created":
            assert getattr(row, field.attname) == getattr(expected, field.attname), field.name
    assert row._state.adding
    assert bulk.new(OutboundMessage, **columns).created > row.created


def test_a_new_row_with_a_column_that_there_is_not_is_refused() -> None:
    with pytest.raises(TypeError, match="no column rooom"):
        bulk.new(OutboundMessage, rooom="Ops")
