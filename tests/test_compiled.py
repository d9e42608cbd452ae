"""Statements that are made once: what they change is what Django's own would, on each database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS as DEFAULT
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from djhipchat2.compiled import _parameter, compiled
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Color

pytestmark = pytest.mark.django_db

MOMENT = datetime(2026, 11, 25, 12, 30, 15, 123456, tzinfo=UTC)


def make_rooms(number: int) -> list[int]:
    rooms = [Room.objects.create(connection="default", room_id=f"Room {n}") for n in range(number)]
    return [room.pk for room in rooms]


@compiled
def count(
    using: str,
    keys: list[int],
    sent: int,
    now: datetime,
    note: str,
    last: bool,  # noqa: FBT001 - arguments are given by their places
) -> int:
    changes: dict[str, Any] = {"sent": F("sent") + sent, "hold_note": note}
    if last:
        changes["last_sent_at"] = now
    return Room.objects.using(using).filter(pk__in=keys, created__lt=now).update(**changes)


def stored(key: int) -> tuple[int, str, datetime | None]:
    room = Room.objects.get(pk=key)
    return room.sent, room.hold_note, room.last_sent_at


@pytest.fixture
def later() -> datetime:
    return datetime.now(UTC).replace(microsecond=654321) + timedelta(hours=1)


def test_a_statement_changes_what_its_values_say(later: datetime) -> None:
    first, second, third = make_rooms(3)

    assert count(DEFAULT, [first, third], 2, later, "ein 'Zitat' %s", True) == 2

    assert stored(first) == stored(third) == (2, "ein 'Zitat' %s", later)
    assert stored(second) == (0, "", None)


def test_the_same_statement_is_asked_again_with_other_values(later: datetime) -> None:
    first, second, _ = make_rooms(3)
    count(DEFAULT, [first], 1, later, "one", True)
    count(DEFAULT, [second], 2, later + timedelta(days=1), "two", True)

    assert count(DEFAULT, [second], 1, later, "three", True) == 1

    assert stored(first) == (1, "one", later)
    assert stored(second) == (3, "three", later)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, 9])
def test_a_list_may_be_of_any_length(number: int, later: datetime) -> None:
    keys = make_rooms(number + 1)

    assert count(DEFAULT, keys[:-1], 1, later, "", True) == number

    assert [stored(key)[0] for key in keys] == [1] * number + [0]


def test_a_boolean_decides_which_statement_it_is(later: datetime) -> None:
    [key] = make_rooms(1)

    count(DEFAULT, [key], 1, later, "", True)
    count(DEFAULT, [key], 1, later + timedelta(days=1), "", False)

    assert stored(key) == (2, "", later)


def test_none_of_no_rows_asks_nothing(later: datetime) -> None:
    @compiled
    def count_all(using: str, keys: list[int], sent: int) -> int:
        return Room.objects.using(using).filter(pk__in=keys).update(sent=sent)

    with CaptureQueriesContext(connection) as asked:
        assert count_all(DEFAULT, [], 1) == 0
        assert count_all(DEFAULT, [], 2) == 0

    assert not asked.captured_queries


def test_making_a_statement_does_not_ask_it(later: datetime) -> None:
    [key] = make_rooms(1)

    @compiled
    def note(using: str, keys: list[int], text: str) -> int:
        return Room.objects.using(using).filter(pk__in=keys).update(hold_note=text)

    with CaptureQueriesContext(connection) as asked:
        note(DEFAULT, [key], "once")

    assert len(asked.captured_queries) == 1
    assert stored(key)[1] == "once"


def test_a_connection_that_opens_meanwhile_is_told_what_every_new_one_is(
    transactional_db: None, connect: Any
) -> None:
    said: list[bool] = []

    def set_up(connection: BaseDatabaseWrapper, **more: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 42")
            said.append(cursor.fetchone() == (42,))

    @compiled
    def note(using: str, keys: list[int], text: str) -> int:
        return Room.objects.using(using).filter(pk__in=keys).update(hold_note=text)

    [key] = make_rooms(1)
    connect(connection_created, set_up)
    connection.close()

    assert note(DEFAULT, [key], "once") == 1
    assert said == [True]
    assert stored(key)[1] == "once"


def test_sql_is_made_once_for_each_shape_of_values() -> None:
    made: list[int] = []

    @compiled
    def note(using: str, keys: list[int], text: str) -> int:
        made.append(len(keys))
        return Room.objects.using(using).filter(pk__in=keys).update(hold_note=text)

    keys = make_rooms(4)
    for number in (1, 2, 3, 4, 3, 2, 1):
        note(DEFAULT, keys[:number], "x")

    assert made == [1, 2, 4]


def test_lists_of_texts_are_taken() -> None:
    first, second = make_rooms(2)

    @compiled
    def note(using: str, names: list[str], text: str) -> int:
        return Room.objects.using(using).exclude(room_id__in=names).update(hold_note=text)

    assert note(DEFAULT, ["Room 0"], "not the first") == 1
    assert note(DEFAULT, [], "all") == 2

    assert (stored(first)[1], stored(second)[1]) == ("all", "all")


def test_naive_moments_are_taken_where_the_project_uses_them(settings: Any) -> None:
    settings.USE_TZ = False
    [key] = make_rooms(1)
    moment = MOMENT.replace(tzinfo=None)

    @compiled
    def say(using: str, keys: list[int], now: datetime) -> int:
        return Room.objects.using(using).filter(pk__in=keys).update(last_sent_at=now)

    say(DEFAULT, [key], moment)

    assert Room.objects.get(pk=key).last_sent_at == moment


def test_a_choice_is_taken_for_its_text() -> None:
    row = OutboundMessage.objects.create(connection="default", backend="b", room_id="Ops")

    @compiled
    def paint(using: str, keys: list[int], color: str) -> int:
        return OutboundMessage.objects.using(using).filter(pk__in=keys).update(color=color)

    paint(DEFAULT, [row.pk], Color.RED)

    row.refresh_from_db()
    assert row.color == "red"


def test_a_value_of_another_kind_is_refused() -> None:
    change = compiled(lambda using, value: Room.objects.using(using).update(hold_note=value))

    with pytest.raises(TypeError, match=r"^A compiled statement takes no float: 1\.5\.$"):
        change(DEFAULT, 1.5)


def test_a_value_that_is_not_part_of_the_statement_is_refused() -> None:
    @compiled
    def change(using: str, text: str, number: int) -> int:
        return Room.objects.using(using).update(hold_note=text, sent=number * 2)

    with pytest.raises(TypeError, match="do not go into the statement: UPDATE"):
        change(DEFAULT, "x", 1)


def test_an_array_as_one_parameter_is_filled() -> None:
    """PostgreSQL takes ``= ANY(%s)``, and a Django may write so."""
    places = {11: (0, 0), 12: (0, 1)}

    parameter = _parameter([11, 12], places, set(), connection)

    assert parameter([[7, 8]]) == [7, 8]
