"""Answers are HipChat's, in HipChat's order."""

from __future__ import annotations

import json

import pytest

from djhipchat2.gateway.protocol import Rate, respond

from .chat import FORM, RESET, V1_PATH, V2_PATH, MemoryChat, call_of, error_of, v1, v2

MESSAGE = "room_id=Ops+Room&from=bot&message=hi"


def test_v1_message_is_answered_with_200_and_json() -> None:
    chat = MemoryChat()

    answer = v1(MESSAGE, chat)

    assert (answer.status, answer.body) == (200, b'{"status":"sent"}')
    assert dict(answer.headers)["Content-Type"] == "application/json"
    assert [(room, taken.text) for room, taken in chat.accepted] == [("Ops Room", "hi")]


def test_v1_message_may_come_by_get() -> None:
    chat = MemoryChat()

    answer = respond(call_of("GET", f"{V1_PATH}?auth_token=TOK&{MESSAGE}"), chat)

    assert answer.status == 200
    assert len(chat.accepted) == 1


def test_v2_message_is_answered_with_204_and_no_json() -> None:
    answer = v2({"message": "hi"})

    assert (answer.status, answer.body) == (204, b"")
    assert "json" not in dict(answer.headers)["Content-Type"]


def test_double_encoded_room_is_found() -> None:
    answer = v1("room_id=Ops%2520Room&from=bot&message=hi")

    assert answer.status == 200


def test_v1_answer_has_the_token_s_limit_alone() -> None:
    headers = dict(v1(MESSAGE).headers)

    assert headers["X-Ratelimit-Limit"] == "500"
    assert headers["X-Ratelimit-Remaining"] == "499"
    assert headers["X-Ratelimit-Reset"] == str(RESET)
    assert not [name for name in headers if name.startswith("X-FloodControl")]


def test_v2_message_has_the_room_s_limit_too() -> None:
    headers = dict(v2({"message": "hi"}).headers)

    assert headers["X-Ratelimit-Remaining"] == "499"
    assert headers["X-FloodControl-Limit"] == "30"
    assert headers["X-FloodControl-Remaining"] == "29"
    assert headers["X-FloodControl-Reset"] == str(RESET)


def test_room_shown_has_the_token_s_limit_alone() -> None:
    headers = dict(respond(call_of("GET", "/v2/room/4242?auth_token=TOK"), MemoryChat()).headers)

    assert headers["X-Ratelimit-Remaining"] == "499"
    assert "X-FloodControl-Limit" not in headers


def test_wrong_v1_token_is_answered_as_hipchat_did() -> None:
    chat = MemoryChat()

    answer = respond(call_of("POST", V1_PATH, f"auth_token=BAD&{MESSAGE}", FORM), chat)

    assert answer.status == 401
    assert rb"https:\/\/www.hipchat.com\/docs\/api\/auth" in answer.body
    assert error_of(answer) == {
        "code": 401,
        "type": "Unauthorized",
        "message": "Auth token invalid. Please see: https://www.hipchat.com/docs/api/auth",
    }
    assert (chat.accepted, chat.spent) == ([], [False])


def test_wrong_v2_token_is_an_invalid_session() -> None:
    answer = respond(call_of("POST", V2_PATH, Authorization="Bearer BAD"), MemoryChat())

    assert (answer.status, error_of(answer)["message"]) == (401, "Invalid OAuth session")


def test_missing_v2_token_is_an_anonymous_request() -> None:
    answer = respond(call_of("POST", V2_PATH), MemoryChat())

    assert answer.status == 401
    assert error_of(answer)["message"].startswith("Authenticated requests only. See https://")


def test_refused_token_s_answer_has_the_limit_s_headers() -> None:
    answer = respond(call_of("GET", "/v2/room/4242"), MemoryChat())

    assert dict(answer.headers)["X-Ratelimit-Limit"] == "500"


@pytest.mark.parametrize(
    "target",
    [
        "/v1/rooms/list?auth_token=TOK&auth_test=true",
        "/v1/rooms/message?auth_token=TOK&auth_test=true",
        "/v2/room/unknown?auth_token=TOK&auth_test=true",
    ],
)
def test_auth_test_is_accepted_and_does_nothing(target: str) -> None:
    chat = MemoryChat()

    answer = respond(call_of("GET", target), chat)

    assert (answer.status, chat.accepted) == (202, [])
    assert json.loads(answer.body) == {
        "success": {
            "code": 202,
            "type": "Accepted",
            "message": "This auth_token has access to use this method.",
        }
    }


def test_auth_test_with_a_wrong_token_is_unauthorized() -> None:
    call = call_of("GET", "/v1/rooms/list?auth_token=BAD&auth_test=true")

    assert respond(call, MemoryChat()).status == 401


def test_listing_rooms_is_beyond_the_token() -> None:
    answer = respond(call_of("GET", "/v1/rooms/list?auth_token=TOK"), MemoryChat())

    assert answer.status == 401
    assert error_of(answer)["message"].startswith("This auth token does not have access")


def test_room_is_shown_with_a_secure_link_to_itself() -> None:
    call = call_of("GET", "/prefix/v2/room/Ops%20Room?auth_token=TOK")

    answer = respond(call, MemoryChat())

    assert answer.status == 200
    assert json.loads(answer.body) == {
        "id": 4242,
        "name": "Ops Room",
        "links": {"self": "https://chat.example.test/prefix/v2/room/Ops%20Room"},
    }


def test_exceeded_token_limit_is_403_in_v1() -> None:
    chat = MemoryChat(token_rate=Rate(100, 0, RESET, is_exceeded=True))

    answer = v1(MESSAGE, chat)

    assert (answer.status, chat.accepted) == (403, [])
    assert error_of(answer)["message"] == (
        "You have exceeded the rate limit. See https://www.hipchat.com/docs/api/rate_limiting"
    )
    assert dict(answer.headers)["X-Ratelimit-Remaining"] == "0"


@pytest.mark.parametrize("kind", ["token_rate", "room_rate"])
def test_exceeded_limit_is_429_in_v2(kind: str) -> None:
    chat = MemoryChat(**{kind: Rate(30, 0, RESET, is_exceeded=True)})

    answer = v2({"message": "hi"}, chat)

    assert (answer.status, chat.accepted) == (429, [])
    assert error_of(answer)["type"] == "Too Many Requests"
    assert "Retry-After" not in dict(answer.headers)


@pytest.mark.parametrize("room", ["unknown", "r" * 101])
def test_unknown_room_is_not_found(room: str) -> None:
    call = call_of(
        "POST", f"/v2/room/{room}/notification?auth_token=TOK", '{"message":"x"}', "a/json"
    )

    answer = respond(call, MemoryChat())

    assert error_of(answer) == {"code": 404, "type": "Not Found", "message": "Room not found"}


def test_unknown_v1_room_is_not_found() -> None:
    assert v1("room_id=unknown&from=bot&message=x").status == 404


def test_v1_without_a_room_is_refused() -> None:
    answer = v1("from=bot&message=x")

    assert (answer.status, error_of(answer)["message"]) == (400, "Room ID is required.")


def test_method_that_a_gateway_lacks_is_not_found() -> None:
    answer = respond(call_of("PUT", "/v2/room?auth_token=TOK"), MemoryChat())

    assert answer.status == 404


@pytest.mark.parametrize(
    ("method", "target", "allowed"),
    [
        ("GET", V2_PATH, "POST"),
        ("PUT", V1_PATH, "POST, GET"),
        ("POST", "/v2/room/4242", "GET, HEAD"),
        ("POST", "/v1/rooms/list", "GET, HEAD"),
    ],
)
def test_other_http_methods_are_not_allowed(method: str, target: str, allowed: str) -> None:
    answer = respond(call_of(method, f"{target}?auth_token=TOK"), MemoryChat())

    assert answer.status == 405
    assert dict(answer.headers)["Allow"] == allowed


def test_v2_error_is_printed_as_on_the_wire() -> None:
    answer = v2({})

    assert answer.body.startswith(b'{\n  "error": {\n    "code": 400,\n')
