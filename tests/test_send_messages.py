from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync

import djhipchat2
from djhipchat2.exceptions import MessageError
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.scripted import PATH, script


@pytest.fixture
def scripted(settings: Any) -> Any:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    return script


@pytest.mark.django_db
def test_rows_come_back_in_the_order_of_the_items() -> None:
    rows = djhipchat2.send_messages(
        [{"room_id": "Ops", "message": f"message {number}"} for number in range(5)]
    )

    assert [row.message for row in rows] == [f"message {number}" for number in range(5)]
    assert [row.status for row in rows] == [Status.SENT] * 5
    assert [payload["message"] for payload in djhipchat2.sent_messages] == [
        f"message {number}" for number in range(5)
    ]


@pytest.mark.django_db
def test_defaults_are_for_what_an_item_does_not_give() -> None:
    djhipchat2.send_messages(
        [{"message": "one"}, {"message": "two", "color": "red"}], room_id="Ops", color="green"
    )

    assert [(m["room_id"], m["color"]) for m in djhipchat2.sent_messages] == [
        ("Ops", "green"),
        ("Ops", "red"),
    ]


@pytest.mark.django_db
def test_one_invalid_item_sends_and_writes_none() -> None:
    with pytest.raises(MessageError, match="message '': must not be empty"):
        djhipchat2.send_messages([{"message": "good"}, {"message": ""}], room_id="Ops")

    assert djhipchat2.sent_messages == []
    assert not OutboundMessage.objects.exists()


@pytest.mark.django_db
def test_an_item_without_a_room_says_so() -> None:
    with pytest.raises(MessageError, match="room_id None: is missing"):
        djhipchat2.send_messages([{"message": "good"}])


@pytest.mark.django_db
def test_a_parameter_that_does_not_exist_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no parameter colour"):
        djhipchat2.send_messages([{"room_id": "Ops", "message": "x", "colour": "red"}])


@pytest.mark.django_db(transaction=True)
def test_messages_of_several_rooms_are_delivered_in_order(scripted: Any) -> None:
    djhipchat2.send_messages(
        [{"room_id": f"room {number % 2}", "message": str(number)} for number in range(6)]
    )

    assert scripted.texts == ["0", "2", "4", "1", "3", "5"]


@pytest.mark.django_db(transaction=True)
def test_items_may_differ_in_using_and_defer(scripted: Any, settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "memory": {"BACKEND": "djhipchat2.backends.locmem.HipChatBackend"}
    }

    rows = djhipchat2.send_messages(
        [
            {"message": "now"},
            {"message": "later", "defer": True, "room_id": "Dev"},
            {"message": "memory", "using": "memory"},
        ],
        room_id="Ops",
    )

    assert scripted.texts == ["now"]
    assert [m["message"] for m in djhipchat2.sent_messages] == ["memory"]
    rows[1].refresh_from_db()
    assert rows[1].status == Status.QUEUED


@pytest.mark.django_db
def test_many_are_inserted_with_few_queries(django_assert_max_num_queries: Any) -> None:
    # SQLite takes 999 parameters a statement in Django 5.2, which is 34 rows of this table.
    with django_assert_max_num_queries(35):
        djhipchat2.send_messages(
            [{"room_id": "Ops", "message": str(number)} for number in range(1_000)], defer=True
        )

    assert OutboundMessage.objects.count() == 1_000


@pytest.mark.django_db
def test_a_dedupe_key_counts_once_within_the_items_and_keeps_their_order() -> None:
    rows = djhipchat2.send_messages(
        [
            {"message": "a"},
            {"message": "b", "dedupe_key": "k"},
            {"message": "c"},
            {"message": "b again", "dedupe_key": "k"},
        ],
        room_id="Ops",
        defer=True,
    )

    assert [row.message for row in rows] == ["a", "b", "c", "b"]
    assert list(OutboundMessage.objects.order_by("pk").values_list("message", flat=True)) == [
        "a",
        "b",
        "c",
    ]


@pytest.mark.django_db
def test_no_messages_are_no_rows() -> None:
    assert djhipchat2.send_messages([]) == []


@pytest.mark.django_db(transaction=True)
def test_asend_messages() -> None:
    rows = async_to_sync(djhipchat2.asend_messages)([{"message": "hello"}], room_id="Ops")

    assert [row.status for row in rows] == [Status.SENT]


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        ({}, "dict"),
        ({"room_id": "Ops", "message": "x"}, "dict"),
        ("Ops", "str"),
        (None, "NoneType"),
    ],
)
def test_what_is_no_list_of_messages_is_a_type_error(messages: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"list of dictionaries.* of type {kind}; put what is one"):
        djhipchat2.send_messages(messages)


def test_an_item_that_is_no_dictionary_is_a_type_error_with_its_number() -> None:
    with pytest.raises(TypeError, match=r"Item 1 of send_messages\(\) is of type str; make it a"):
        djhipchat2.send_messages(iter([{"message": "x"}, "x"]), room_id="Ops", defer=True)  # type: ignore[list-item]
