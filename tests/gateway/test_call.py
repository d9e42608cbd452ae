"""Requests are read: method, token, room, content."""

from __future__ import annotations

import json

import pytest

from djhipchat2.gateway.protocol import Action, read_call

from .chat import FORM, JSON, V1_PATH, V2_PATH, call_of


def test_path_outside_the_api_is_no_call() -> None:
    assert read_call("GET", "/rooms/", "", [], b"") is None


@pytest.mark.parametrize(
    ("target", "version", "action"),
    [
        ("/v1/rooms/message", 1, Action.NOTIFY),
        ("/v1//rooms/message", 1, Action.NOTIFY),
        ("/some/prefix/v1/rooms/message", 1, Action.NOTIFY),
        ("/v1/rooms/list", 1, Action.LIST_ROOMS),
        ("/v1/users/list", 1, Action.UNKNOWN),
        ("/v2/room/4242/notification", 2, Action.NOTIFY),
        ("/v2//room/4242/notification", 2, Action.NOTIFY),
        ("/v2/room/4242", 2, Action.SHOW_ROOM),
        ("/v2/room", 2, Action.UNKNOWN),
        ("/v2/user/@ann/message", 2, Action.UNKNOWN),
    ],
)
def test_path_says_version_and_action(target: str, version: int, action: Action) -> None:
    call = call_of("GET", target)

    assert (call.version, call.action) == (version, action)


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("/v2/room/Ops%20Room/notification", ("Ops Room",)),
        ("/v2/room/R%26D%20/%20caf%C3%A9/notification", ("R&D / café",)),
        ("/v2/room/a%2Fb/notification", ("a/b",)),
        ("/v2/room/Ops%2520Room/notification", ("Ops%20Room", "Ops Room")),
        ("/v2/room/notification/notification", ("notification",)),
        ("/v2/room/4242", ("4242",)),
        ("/v1/rooms/message?room_id=Ops%2520Room", ("Ops%20Room", "Ops Room")),
        ("/v1/rooms/message", ()),
    ],
)
def test_room_is_decoded_once_and_then_again(target: str, names: tuple[str, ...]) -> None:
    assert call_of("GET", target).room_names == names


@pytest.mark.parametrize("authorization", ["Bearer TOK", "bearer TOK", " Bearer  TOK "])
def test_bearer_token_is_read(authorization: str) -> None:
    assert call_of("POST", V2_PATH, Authorization=authorization).token == "TOK"


def test_token_in_the_query_is_read() -> None:
    assert call_of("POST", f"{V2_PATH}?auth_token=TOK").token == "TOK"


def test_token_in_a_v1_form_is_read() -> None:
    assert call_of("POST", V1_PATH, "auth_token=TOK&room_id=1", FORM).token == "TOK"


def test_token_in_a_v2_form_is_not_read() -> None:
    assert call_of("POST", V2_PATH, "auth_token=TOK", FORM).token == ""


def test_basic_authorization_is_no_token() -> None:
    assert call_of("POST", V2_PATH, Authorization="Basic VE9L").token == ""


def test_repr_holds_no_token() -> None:
    call = call_of("POST", f"{V1_PATH}?auth_token=TOK", "auth_token=TOK", FORM)

    assert "TOK" not in repr(call)


def test_base_url_is_the_client_s_with_https() -> None:
    call = call_of("GET", "/some/prefix/v2/room/4242")

    assert call.base_url == "https://chat.example.test/some/prefix"


def test_base_url_without_a_host_is_localhost() -> None:
    call = read_call("GET", "/v2/room/4242", "", [], b"")

    assert call is not None
    assert call.base_url == "https://localhost"


def test_v1_body_wins_over_the_query() -> None:
    call = call_of("POST", f"{V1_PATH}?color=red&from=q", "color=green&message=", FORM)

    assert call.parameters == {"color": "green", "from": "q", "message": ""}


def test_v2_query_says_nothing_but_the_token() -> None:
    call = call_of("POST", f"{V2_PATH}?color=red", '{"message": "x"}', JSON)

    assert call.parameters == {"message": "x"}


@pytest.mark.parametrize(
    "content_type",
    [JSON, "application/json; charset=utf-8", "text/plain", FORM, "Application/JSON"],
)
def test_json_is_known_by_its_content(content_type: str) -> None:
    call = call_of("POST", V2_PATH, '{"message": "x"}\n', content_type)

    assert call.parameters == {"message": "x"}


@pytest.mark.parametrize("body", ["1", "[1]", "message=%5B", "null"])
def test_form_that_is_a_json_value_stays_a_form(body: str) -> None:
    call = call_of("POST", V2_PATH, body, FORM)

    assert call.content.json is None
    assert call.content.form is not None


def test_multipart_fields_are_read() -> None:
    body = (
        '--b\r\nContent-Disposition: form-data; name="message"\r\n\r\ncafé\r\nb\r\n'
        '--b\r\nContent-Disposition: form-data; name="auth_token"\r\n\r\nTOK\r\n'
        '--b\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\nfile\r\n'
        "--b--\r\n"
    )

    call = call_of("POST", V1_PATH, body, "multipart/form-data; boundary=b")

    assert call.parameters == {"message": "café\r\nb", "auth_token": "TOK"}
    assert call.token == "TOK"


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        ("{", JSON, "Invalid JSON"),
        ("[" * 100_000, JSON, "Invalid JSON"),
        ('"\\ud83d"', JSON, "Invalid JSON"),
        ("1e999", JSON, "Invalid JSON"),
        ("NaN", JSON, "Invalid JSON"),
        ("hello", "text/plain", "Invalid content type: text/plain"),
        ("{}", None, "Invalid content type: None"),
        ("hello", "multipart/form-data", "Invalid multipart form"),
    ],
)
def test_unreadable_body_is_a_problem(body: str, content_type: str | None, problem: str) -> None:
    assert call_of("POST", V2_PATH, body, content_type).content.problem == problem


def test_multipart_form_with_too_many_fields_is_a_problem() -> None:
    part = '--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'

    call = call_of("POST", V1_PATH, part * 1001 + "--b--", "multipart/form-data; boundary=b")

    assert call.content.problem == "Invalid multipart form"


def test_body_that_is_not_utf8_is_replaced() -> None:
    call = call_of("POST", V1_PATH, b"message=caf\xe9", FORM)

    assert call.parameters == {"message": "caf\ufffd"}


@pytest.mark.parametrize("word", ["true", "True", "1"])
def test_auth_test_is_read(word: str) -> None:
    assert call_of("POST", f"{V2_PATH}?auth_test={word}").is_auth_test


@pytest.mark.parametrize("word", ["false", "0", ""])
def test_auth_test_that_is_not_asked_for_is_none(word: str) -> None:
    assert not call_of("POST", f"{V2_PATH}?auth_test={word}").is_auth_test


def test_json_array_has_no_parameters() -> None:
    assert call_of("POST", V2_PATH, json.dumps([1]), JSON).parameters == {}
