"""What a message may be: HipChat's limits."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from djhipchat2.exceptions import HipChatError, MessageError
from djhipchat2.message import V1, V2, Limits, Message


def message(**changes: Any) -> Message:
    return Message(**{"room_id": "Ops", "text": "hello", **changes})


def refusal(**changes: Any) -> MessageError:
    with pytest.raises(MessageError) as caught:
        message(**changes)
    return caught.value


def test_a_room_and_a_text_are_enough() -> None:
    made = message()

    assert made == Message(
        room_id="Ops",
        text="hello",
        sender="Django",
        message_format="html",
        notify=False,
        color="yellow",
        card=None,
        key="",
    )
    assert made.limits is V1


def test_a_message_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        message().text = "changed"  # type: ignore[misc]


def test_messages_with_a_card_are_hashable() -> None:
    card = {"style": "link", "id": "1", "title": "Build"}

    assert len({message(card=card), message(card=card)}) == 1


def test_a_message_can_be_given_its_key() -> None:
    keyed = message().with_key("k1")

    assert (keyed.key, keyed.text) == ("k1", "hello")


@pytest.mark.parametrize(("room_id", "room"), [("Ops", "Ops"), (1234, "1234")])
def test_room_is_the_id_or_name_as_text(room_id: Any, room: str) -> None:
    assert message(room_id=room_id).room == room


def test_an_error_names_field_value_and_limit() -> None:
    error = refusal(color="pink")

    assert (error.field, error.value) == ("color", "pink")
    assert error.limit == "must be one of yellow, red, green, purple, gray, random."
    assert str(error) == "color 'pink': must be one of yellow, red, green, purple, gray, random."


def test_an_error_is_a_value_error_and_shows_the_beginning_of_a_long_value() -> None:
    error = refusal(text="x" * 10_001)

    assert isinstance(error, ValueError)
    assert isinstance(error, HipChatError)
    assert str(error) == (
        f"message '{'x' * 58}…: has 10,001 characters; HipChat takes 10,000 at most. "
        "Shorten or split it."
    )


@pytest.mark.parametrize("text", ["x", "x" * 10_000, "\N{ROCKET}" * 10_000, " \n x"])
def test_texts_of_1_to_10000_characters_are_taken(text: str) -> None:
    assert message(text=text).text == text


@pytest.mark.parametrize("text", ["", " ", "\n\t\N{NO-BREAK SPACE}"])
def test_blank_texts_are_refused(text: str) -> None:
    assert refusal(text=text).limit == "must not be empty."


@pytest.mark.parametrize("room_id", ["x", "x" * 100, "#ops", "a/b", "100%", "...", -1, 0])
def test_rooms_of_1_to_100_characters_are_taken(room_id: str | int) -> None:
    assert message(room_id=room_id).room_id == room_id


@pytest.mark.parametrize("room_id", ["", "  ", "x" * 101, 10**100])
def test_other_rooms_are_refused(room_id: str | int) -> None:
    error = refusal(room_id=room_id)

    assert error.field == "room_id"
    assert error.limit == "must be a room's id or name of 1 to 100 characters."


@pytest.mark.parametrize("room_id", [".", ".."])
def test_a_room_that_an_address_cannot_name_is_refused(room_id: str) -> None:
    error = refusal(room_id=room_id)

    assert str(error) == (
        f"room_id '{room_id}': names a folder in the server's address; use the room's id."
    )


@pytest.mark.parametrize(
    "sender",
    ["x", "x" * 15, "My_app-1 b", "Böt", "\N{HIRAGANA LETTER A}", "e\N{COMBINING ACUTE ACCENT}"],
)
def test_v1_takes_senders_of_1_to_15_letters_numbers_and_some_signs(sender: str) -> None:
    assert message(sender=sender).sender == sender


@pytest.mark.parametrize(
    ("sender", "limit"),
    [
        ("", "must have 1 to 15 characters in HipChat's API v1, not 0."),
        ("x" * 16, "must have 1 to 15 characters in HipChat's API v1, not 16."),
        (
            "Ops (Crit)",
            "may have letters, numbers, -, _ and spaces in HipChat's API v1, not '(' ')'.",
        ),
        ("a\tb", r"may have letters, numbers, -, _ and spaces in HipChat's API v1, not '\t'."),
    ],
)
def test_v1_refuses_other_senders(sender: str, limit: str) -> None:
    error = refusal(sender=sender)

    assert (error.field, error.limit) == ("sender", limit)


@pytest.mark.parametrize("sender", ["", "x" * 64, "Zenoss (Crit) & more \N{ROCKET}"])
def test_v2_takes_senders_of_up_to_64_characters_of_any_kind(sender: str) -> None:
    assert message(sender=sender, limits=V2).sender == sender


def test_v2_refuses_longer_senders() -> None:
    error = refusal(sender="x" * 65, limits=V2)

    assert error.limit == "must have 0 to 64 characters in HipChat's API v2, not 65."


@pytest.mark.parametrize("limits", [V1, V2], ids=["v1", "v2"])
@pytest.mark.parametrize(
    ("field", "name", "value", "limit"),
    [
        ("message_format", "message_format", "markdown", "must be one of html, text."),
        ("message_format", "message_format", "HTML", "must be one of html, text."),
        ("color", "color", "", "must be one of yellow, red, green, purple, gray, random."),
        ("text", "message", "a\0b", "must not contain NUL characters; remove them."),
        ("sender", "sender", "a\0b", "must not contain NUL characters; remove them."),
        ("room_id", "room_id", "a\0b", "must not contain NUL characters; remove them."),
    ],
)
def test_both_versions_share_the_other_limits(
    limits: Limits, field: str, name: str, value: str, limit: str
) -> None:
    error = refusal(**{field: value}, limits=limits)

    assert (error.field, error.value, error.limit) == (name, value, limit)


@pytest.mark.parametrize("color", ["yellow", "red", "green", "purple", "gray", "random"])
@pytest.mark.parametrize("message_format", ["html", "text"])
def test_all_colours_and_formats_are_taken(color: str, message_format: str) -> None:
    made = message(color=color, message_format=message_format)

    assert (made.color, made.message_format) == (color, message_format)


@pytest.mark.parametrize("field", ["text", "sender", "room_id"])
def test_half_a_surrogate_pair_is_refused(field: str) -> None:
    error = refusal(**{field: "a\ud83db"})

    assert error.limit == (
        "contains half of a surrogate pair; decode it with the right codec first."
    )


CARD = {"style": "application", "id": "build-7", "title": "Build 7", "url": "https://ci.example"}


@pytest.mark.parametrize(
    "card",
    [
        CARD,
        {**CARD, "title": "x" * 500, "attributes": [{"label": "a", "value": {"label": "b"}}]},
        {**CARD, "description": r"a backslash and u0000: \\u0000"},
    ],
)
def test_cards_are_taken(card: dict[str, Any]) -> None:
    assert message(card=card).card == card


@pytest.mark.parametrize(
    ("card", "limit"),
    [
        ([], "must be a dictionary, HipChat's card object."),
        ({}, "needs a 'style'."),
        ({"style": "link", "title": "x"}, "needs a 'id'."),
        ({"style": "link", "id": "1"}, "needs a 'title'."),
        (
            {**CARD, "style": "poster"},
            "style must be one of file, image, application, link, media.",
        ),
        ({**CARD, "title": "x" * 501}, "title has 500 characters at most."),
        (
            {**CARD, "date": {1, 2}},
            "must be JSON (Object of type set is not JSON serializable).",
        ),
        ({**CARD, "icon": "a\0b"}, "must not contain NUL characters; remove them."),
        ({**CARD, "icon": "\\\0"}, "must not contain NUL characters; remove them."),
        (
            {**CARD, "icon": "\ud83d"},
            "contains half of a surrogate pair; decode it with the right codec first.",
        ),
    ],
)
def test_other_cards_are_refused(card: Any, limit: str) -> None:
    error = refusal(card=card)

    assert (error.field, error.limit) == ("card", limit)


def test_numbers_that_json_does_not_know_are_refused_in_a_card() -> None:
    assert refusal(card={**CARD, "width": float("nan")}).limit.startswith("must be JSON (")


def test_a_card_nested_without_end_is_refused() -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]

    assert refusal(card={**CARD, "attributes": nested}).limit.startswith("must be JSON (")


@pytest.mark.parametrize("room", ["Ops\nDev", "Ops\r", "a\tb", "\x1b[31mOps", "a\x85b", "a\u2028b"])
def test_a_room_s_name_is_one_line_without_control_characters(room: str) -> None:
    with pytest.raises(MessageError) as caught:
        Message(room_id=room, text="x")

    assert str(caught.value) == (
        f"room_id {room!r}: must not contain line breaks or other control characters; remove them."
    )


@pytest.mark.parametrize("room", ["#ops", "Café ☕", "غرفة\u200f", "a\u00a0b", "👩\u200d🚒"])
def test_a_room_s_name_may_have_any_other_character(room: str) -> None:
    assert Message(room_id=room, text="x").room == room
