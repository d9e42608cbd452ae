"""
Names that one database takes for equal and another tells apart.

MariaDB's usual collations compare without case and accents. Each message goes to the room that its
sender named all the same, and once.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from djhipchat2.api import send_messages
from djhipchat2.backends.base import Result
from djhipchat2.connections import connections
from djhipchat2.delivery import engine, lease, marks
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.message import Message
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.delivery.leasing import claimed, expire_leases
from tests.scripted import PATH, Script

pytestmark = pytest.mark.django_db(transaction=True)

SPELLINGS = ("Café", "cafe", "CAFE")
EACH = 16


@pytest.fixture
def rows(chat: Script) -> list[OutboundMessage]:
    """As many messages to each spelling, in turns."""
    send_messages(
        [
            {"room_id": name, "message": f"{name} {number}"}
            for number in range(EACH)
            for name in SPELLINGS
        ],
        defer=True,
    )
    return list(OutboundMessage.objects.order_by("pk"))


def assert_each_went_to_its_room(chat: Script) -> None:
    for message in chat.delivered:
        assert message.text.startswith(f"{message.room_id} ")


def test_a_row_of_a_room_is_leased_once_whatever_its_spellings(chat: Script) -> None:
    places = [("default", name) for name in SPELLINGS]

    leases = lease.claim(places, token="0" * 32, owner="worker", using="default")

    leased = [held.room_pk for held in leases.values()]
    assert sorted(leased) == sorted(Room.objects.values_list("pk", flat=True))
    assert next(iter(leases)) == places[0]


@pytest.mark.parametrize("threads", [1, 8])
def test_each_message_is_sent_once_to_the_room_that_it_names(
    chat: Script, rows: list[OutboundMessage], settings: Any, threads: int
) -> None:
    settings.HIPCHAT_THREADS = threads

    summary = engine.flush(Run(Trigger.FLUSH))

    assert summary == Summary(sent=len(rows))
    assert Counter(chat.texts) == Counter(row.message for row in rows)
    assert_each_went_to_its_room(chat)
    assert set(OutboundMessage.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}
    assert not Room.objects.exclude(lease_token="").exists()


@pytest.mark.parametrize("threads", [1, 8])
def test_what_a_vanished_worker_had_waits_and_the_others_are_sent(
    chat: Script, rows: list[OutboundMessage], settings: Any, threads: int
) -> None:
    settings.HIPCHAT_THREADS = threads
    in_hand = [row for row in rows if row.room_id == SPELLINGS[0]][:3]
    dead = claimed("host:9:dead", SPELLINGS[0])
    marks.mark(dead.token, in_hand, timezone.now(), using="default")
    expire_leases()

    summary = engine.flush(Run(Trigger.FLUSH))

    assert summary == Summary(sent=len(rows) - 3, recovered=3)
    assert Counter(chat.texts) == Counter(row.message for row in rows if row not in in_hand)
    assert_each_went_to_its_room(chat)
    waiting = OutboundMessage.objects.exclude(status=Status.SENT)
    assert set(waiting) == set(in_hand)
    assert set(waiting.values_list("status", "attempts")) == {(Status.QUEUED, 1)}


def test_no_message_leaves_by_a_connection_that_is_spelt_like_its_own(
    chat: Script, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    aliases = ["Ops", "ops"]
    settings.HIPCHAT_CONNECTIONS = {alias: {"BACKEND": PATH} for alias in aliases}
    left: list[tuple[str, str]] = []

    def deliver(alias: str, message: Message, **options: Any) -> Result:
        left.append((alias, message.text))
        return chat.play(message, None)

    for alias in aliases:
        monkeypatch.setattr(connections[alias], "deliver", partial(deliver, alias))
        send_messages([{"room_id": "Room", "message": alias}] * 2, defer=True, using=alias)

    summary = engine.flush(Run(Trigger.FLUSH))

    taken_for_one = connection.vendor == "mysql"
    assert summary == (Summary(skipped_rooms=1) if taken_for_one else Summary(sent=4))
    assert sorted(left) == ([] if taken_for_one else sorted((name, name) for name in aliases * 2))
    assert ("which the database takes for" in caplog.text) == taken_for_one
