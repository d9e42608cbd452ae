"""What callers pass to ``send_message()``, of 2013 and since, as a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import IntEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from djhipchat2.exceptions import MessageError
from djhipchat2.message import V1, Message
from djhipchat2.states import Color

CALL = {
    "room_id": "Ops",
    "message": "hello",
    "sender": "Django",
    "message_format": "html",
    "notify": False,
    "color": "yellow",
}
CARD = {"style": "link", "id": "1", "title": "Build"}


def called(**changes: Any) -> Message:
    return Message.from_call(**{**CALL, **changes}, limits=V1)


def refusal(**changes: Any) -> str:
    with pytest.raises(MessageError) as caught:
        called(**changes)
    return str(caught.value)


class RoomNumber(IntEnum):
    OPS = 1234


@pytest.mark.parametrize(
    ("given", "room_id"),
    [(1234, 1234), ("1234", "1234"), (b"Ops", "Ops"), (" Ops\n", "Ops"), (RoomNumber.OPS, "1234")],
)
def test_a_room_is_an_int_or_a_name(given: Any, room_id: str | int) -> None:
    made = called(room_id=given)

    assert (made.room_id, type(made.room_id)) == (room_id, type(room_id))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (7, "7"),
        (1.5, "1.5"),
        ("déjà".encode(), "déjà"),
        (gettext_lazy("Yes"), "Yes"),
        (mark_safe("<b>bold</b>"), "<b>bold</b>"),
        (ValueError("out of range"), "out of range"),
    ],
)
def test_a_text_is_what_str_makes_of_it(given: Any, text: str) -> None:
    made = called(message=given)

    assert (made.text, type(made.text)) == (text, str)


def test_choices_are_taken_as_plain_strings() -> None:
    made = called(color=Color.RED)

    assert (made.color, type(made.color)) == ("red", str)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (None, "message None: is missing; give a string."),
        (b"\xff", r"message b'\xff': is not UTF-8; decode it first."),
        (True, "message True: is of type bool; give a string."),
        (["a"], "message ['a']: is of type list; give a string."),
        (Decimal("1.5"), "message Decimal('1.5'): is of type Decimal; give a string."),
    ],
)
def test_other_texts_are_refused(given: Any, problem: str) -> None:
    assert refusal(message=given) == problem


@pytest.mark.parametrize("field", ["room_id", "sender", "message_format", "color"])
def test_none_is_refused_with_the_field_s_name(field: str) -> None:
    assert refusal(**{field: None}) == f"{field} None: is missing; give a string."


def test_a_uuid_is_no_room() -> None:
    assert refusal(room_id=UUID(int=0)).endswith("is of type UUID; give a string.")


@pytest.mark.parametrize(
    ("given", "notify"),
    [
        (True, True),
        (1, True),
        ("1", True),
        ("true", True),
        (" True ", True),
        ("YES", True),
        ("on", True),
        (b"1", True),
        (False, False),
        (None, False),
        (0, False),
        ("0", False),
        ("False", False),
        ("no", False),
        ("off", False),
        ("", False),
        (b"0", False),
    ],
)
def test_notify_is_true_or_false_in_words_too(given: Any, notify: object) -> None:
    assert called(notify=given).notify is notify


def test_another_word_for_notify_is_refused() -> None:
    assert refusal(notify="loudly") == "notify 'loudly': must be True or False."


def test_grey_becomes_gray_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    made = called(color="grey")

    assert made.color == "gray"
    assert caplog.messages == ["HipChat has no colour 'grey'; 'gray' is used. Correct the caller."]
    assert caplog.records[0].levelname == "WARNING"


def test_hipchat_s_own_spelling_warns_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert called(color="gray").color == "gray"
    assert caplog.messages == []


def test_a_message_keeps_a_card_of_its_own() -> None:
    attributes = [{"label": "branch"}]
    made = called(card={**CARD, "attributes": attributes})

    attributes[0]["label"] = "changed"

    assert made.card == {**CARD, "attributes": [{"label": "branch"}]}


class LazyCard(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        return CARD[key]

    def __iter__(self) -> Iterator[str]:
        return iter(CARD)

    def __len__(self) -> int:
        return len(CARD)


@pytest.mark.parametrize("card", [MappingProxyType(CARD), LazyCard()], ids=["proxy", "own class"])
def test_a_card_may_be_any_mapping(card: Mapping[str, Any]) -> None:
    assert len(card) == 3
    assert called(card=card).card == CARD


def test_a_card_of_another_kind_is_refused() -> None:
    assert refusal(card="link") == "card 'link': must be a dictionary, HipChat's card object."
