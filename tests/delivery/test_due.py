"""Many rooms are asked together what is due in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.api import send_messages
from djhipchat2.delivery.due import places_due, read, read_together, still_due
from djhipchat2.delivery.places import Waiting
from djhipchat2.models import OutboundMessage
from tests.scripted import PATH

pytestmark = pytest.mark.django_db

DEV, OPS, AUDIT = ("default", "Dev"), ("default", "Ops"), ("audit", "Ops")


@pytest.fixture(autouse=True)
def audit(settings: Any) -> None:
    """A second connection, with rooms of the same names."""
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH}}


def write(text: str, *places: tuple[str, str]) -> None:
    calls = [{"using": using, "room_id": room, "message": text} for using, room in places]
    send_messages(calls, defer=True)


def texts(rows: list[OutboundMessage]) -> list[str]:
    return [row.message for row in rows]


def test_a_room_of_which_much_was_seen_is_asked_once_more() -> None:
    write("hello", DEV)
    dev, ops = Waiting(DEV, 1, timezone.now()), Waiting(OPS, 1, timezone.now())

    assert still_due("default", [ops, dev], timezone.now()) == [dev]


def test_a_room_of_which_nothing_was_seen_is_asked_by_itself() -> None:
    write("hello", DEV, AUDIT)

    found = still_due("default", [Waiting(OPS), Waiting(DEV), Waiting(AUDIT)], timezone.now())

    assert found == [Waiting(DEV), Waiting(AUDIT)]


def test_rooms_of_one_name_are_each_connections_own() -> None:
    write("hello", AUDIT)

    assert list(places_due("default", [OPS, DEV, AUDIT], timezone.now())) == [AUDIT]


def test_what_is_not_due_yet_makes_no_room_due() -> None:
    write("hello", OPS)
    OutboundMessage.objects.update(next_attempt_at=timezone.now() + timedelta(minutes=1))

    assert list(places_due("default", [OPS], timezone.now())) == []
    assert read("default", OPS, 10, timezone.now()) == []


def test_few_messages_of_several_rooms_are_read_together_each_in_its_order() -> None:
    for text in ("first", "second"):
        write(text, OPS, AUDIT, DEV)

    found = read_together("default", {DEV: 2, AUDIT: 2, OPS: 2}, 1, timezone.now())

    assert {place: texts(rows) for place, rows in found.items()} == {
        place: ["first", "second"] for place in (DEV, AUDIT, OPS)
    }


def test_a_room_that_has_been_emptied_meanwhile_has_nothing() -> None:
    write("hello", OPS)

    found = read_together("default", {DEV: 1, OPS: 1}, 1, timezone.now())

    assert found[DEV] == []
    assert texts(found[OPS]) == ["hello"]


def test_where_more_has_come_than_was_seen_each_room_is_read_by_itself() -> None:
    for text in ("first", "second", "third"):
        write(text, OPS)
    write("other", AUDIT)

    found = read_together("default", {OPS: 1, DEV: 1, AUDIT: 1}, 1, timezone.now())

    assert list(found) == [AUDIT]


def test_no_rooms_are_read_without_asking(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert read_together("default", {}, 32, timezone.now()) == {}
        assert still_due("default", [], timezone.now()) == []


def test_another_spelling_is_not_taken_for_the_room() -> None:
    write("hello", OPS, ("default", "ops"))
    is_same_room = OutboundMessage.objects.filter(room_id="OPS").exists()  # as MariaDB compares

    found = read_together("default", {OPS: 1}, 32, timezone.now())

    assert found == {} if is_same_room else texts(found[OPS]) == ["hello"]
    due = list(places_due("default", [OPS], timezone.now()))
    assert len(due) == 1
