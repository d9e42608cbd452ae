"""Messages are checked by HipChat's rules, with HipChat's words."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.gateway.protocol import respond

from .chat import FORM, V2_PATH, MemoryChat, call_of, error_of, v1, v2

NAMED = "room_id=Ops+Room&from=bot"


def accepted_v1(fields: str) -> Any:
    chat = MemoryChat()
    answer = v1(f"{NAMED}&{fields}", chat)
    assert answer.status == 200, answer.body
    return chat.accepted[0][1]


def accepted_v2(content: Any) -> Any:
    chat = MemoryChat()
    answer = v2(content, chat)
    assert answer.status == 204, answer.body
    return chat.accepted[0][1]


def test_v1_defaults_are_hipchat_s() -> None:
    taken = accepted_v1("message=hi")

    assert (taken.text, taken.sender, taken.message_format) == ("hi", "bot", "html")
    assert (taken.notify, taken.color, taken.card) == (False, "yellow", None)


def test_v2_needs_nothing_but_a_message() -> None:
    taken = accepted_v2({"message": "hi"})

    assert (taken.text, taken.sender, taken.message_format) == ("hi", "", "html")
    assert (taken.notify, taken.color, taken.card) == (False, "yellow", None)


def test_v2_form_is_taken() -> None:
    chat = MemoryChat()
    body = "notify=true&message=caf%C3%A9&message_format=text&color=red&from=Monolog"

    answer = respond(call_of("POST", f"{V2_PATH}?auth_token=TOK", body, FORM), chat)

    assert answer.status == 204
    taken = chat.accepted[0][1]
    assert (taken.text, taken.notify, taken.color) == ("café", True, "red")


@pytest.mark.parametrize("value", [True, 1, "1", "true", "True", "yes"])
def test_notify_may_be_any_true_word(value: object) -> None:
    assert accepted_v2({"message": "x", "notify": value}).notify is True


@pytest.mark.parametrize("value", [False, 0, "0", "false", "False", "", None, "None"])
def test_notify_may_be_any_false_word(value: object) -> None:
    assert accepted_v2({"message": "x", "notify": value}).notify is False


@pytest.mark.parametrize("value", ["maybe", 2, 1.5, [], {}])
def test_other_notify_is_refused_with_the_known_words(value: object) -> None:
    error = error_of(v2({"message": "x", "notify": value}))

    assert error["message"].endswith(" for field 'notify' is not of type 'boolean'")
    assert (error["field"], error["validation"]) == ("notify", "type")
    assert (error["expected_type"], error["value"]) == ("boolean", value)


def test_python2_repr_is_in_the_words() -> None:
    error = error_of(v2({"message": "x", "notify": "maybe"}))

    assert error["message"] == "Value u'maybe' for field 'notify' is not of type 'boolean'"


@pytest.mark.parametrize(
    ("asked", "color"), [("", "yellow"), (None, "yellow"), ("grey", "gray"), ("random", "random")]
)
def test_color_is_corrected(asked: object, color: str) -> None:
    assert accepted_v2({"message": "x", "color": asked}).color == color


def test_unknown_color_is_refused_in_v2() -> None:
    error = error_of(v2({"message": "x", "color": "pink"}))

    assert error["message"].startswith("Value u'pink' for field 'color' is not in the enumeration:")
    assert (error["validation"], error["value"]) == ("enum", "pink")


def test_unknown_color_is_refused_in_v1() -> None:
    error = error_of(v1(f"{NAMED}&message=x&color=pink"))

    assert error == {
        "code": 400,
        "type": "Bad Request",
        "message": "color must be one of yellow, red, green, purple, gray, random.",
    }


def test_unknown_format_is_refused() -> None:
    assert error_of(v2({"message": "x", "message_format": "rtf"}))["field"] == "message_format"


@pytest.mark.parametrize("content", [{}, {"message": None}, {"message": ""}, {"message": " \n"}])
def test_v2_without_a_message_is_refused_with_the_known_words(content: object) -> None:
    error = error_of(v2(content))

    assert error == {
        "code": 400,
        "type": "Bad Request",
        "message": "Required field 'message' is missing",
        "field": "message",
        "validation": "optional",
        "value": None,
    }


def test_v1_without_a_message_is_refused() -> None:
    assert error_of(v1(NAMED))["message"] == "Message is required."


def test_10000_characters_are_taken() -> None:
    assert len(accepted_v2({"message": "é" * 10_000}).text) == 10_000


def test_10001_characters_are_refused_in_v2() -> None:
    error = error_of(v2({"message": "x" * 10_001}))

    assert error["validation"] == "maxLength"
    assert error["message"].endswith("for field 'message' must be less than or equal to 10000")


def test_10001_characters_are_refused_in_v1() -> None:
    error = error_of(v1(f"{NAMED}&message={'x' * 10_001}"))

    assert error["message"] == "Message must be between 1 and 10000 characters."


def test_v1_sender_of_15_characters_is_taken() -> None:
    assert accepted_v1("message=x&from=Zenoss+(Crit)+1").sender == "Zenoss (Crit) 1"


@pytest.mark.parametrize("fields", ["from=", "from=1234567890123456", ""])
def test_v1_sender_out_of_bounds_is_refused_with_the_known_words(fields: str) -> None:
    error = error_of(v1(f"room_id=Ops+Room&message=x&{fields}"))

    assert error["message"] == "From name must be between 1 and 15 characters."


def test_v2_sender_of_64_characters_is_taken() -> None:
    assert accepted_v2({"message": "x", "from": "s" * 64}).sender == "s" * 64


def test_v2_sender_of_65_characters_is_refused() -> None:
    error = error_of(v2({"message": "x", "from": "s" * 65}))

    assert (error["field"], error["validation"]) == ("from", "maxLength")


def test_number_for_a_string_is_refused() -> None:
    error = error_of(v2({"message": 42}))

    assert error["message"] == "Value 42 for field 'message' is not of type 'string'"


def test_json_that_is_no_object_is_refused() -> None:
    assert error_of(v2([1]))["message"] == "Value [1] for field '_data' is not of type 'object'"


def test_body_that_cannot_be_read_is_refused() -> None:
    call = call_of("POST", f"{V2_PATH}?auth_token=TOK", "{}")

    error = error_of(respond(call, MemoryChat()))

    assert (error["code"], error["message"]) == (400, "Invalid content type: None")


@pytest.mark.parametrize(("text", "stored"), [("a\n", "a"), ("a\r\n", "a"), ("\na\nb\n", "\na\nb")])
def test_last_line_s_end_is_cut(text: str, stored: str) -> None:
    assert accepted_v2({"message": text}).text == stored


def test_hidden_at_sign_is_restored_in_text() -> None:
    assert accepted_v1("message=%26%2364;all&message_format=text").text == "@all"


def test_hidden_at_sign_stays_in_html() -> None:
    assert accepted_v1("message=%26%2364;all").text == "&#64;all"


def test_broken_html_is_taken() -> None:
    assert accepted_v2({"message": "<b><i>x</b></i>"}).text == "<b><i>x</b></i>"


def test_unknown_keys_are_ignored() -> None:
    extra = {"room_id": 1, "token": "T", "api": "", "team_server": "", "id": None, "date": None}

    assert accepted_v2({"message": "x", **extra}).text == "x"


@pytest.mark.parametrize(
    ("card", "kept"),
    [
        (None, None),
        ({"style": "link", "title": "t"}, {"style": "link", "title": "t"}),
        ('{"title": "t"}', {"title": "t"}),
        ("[1]", None),
        ("{'title': 't'}", None),
        ("None", None),
        ("[" * 100_000, None),
    ],
)
def test_card_is_kept_if_it_can_be_read(card: object, kept: object) -> None:
    assert accepted_v2({"message": "x", "card": card}).card == kept


def test_card_of_another_type_is_refused() -> None:
    error = error_of(v2({"message": "x", "card": [1]}))

    assert (error["field"], error["expected_type"]) == ("card", "object")
