"""The local HipChat server: endpoints, tokens, rooms and limits."""

from __future__ import annotations

import time

import pytest
import requests

from tests.hipchat_server import HipChatServer

from .sending import SECONDS, error_of, send_v1, send_v2

pytestmark = pytest.mark.once


def test_v1_message_is_stored(hipchat_server: HipChatServer) -> None:
    response = send_v1(hipchat_server, message="<b>hi</b>", color="green", notify="1")

    assert (response.status_code, response.json()) == (200, {"status": "sent"})
    (message,) = hipchat_server.messages()
    assert message.pop("id") > 0
    assert message.pop("received_at")
    assert message == {
        "room": "Ops Room",
        "from": "bot",
        "message": "<b>hi</b>",
        "message_format": "html",
        "color": "green",
        "color_asked": "green",
        "notify": True,
        "card": None,
        "api_version": 1,
    }


def test_v2_message_is_stored(hipchat_server: HipChatServer) -> None:
    card = {"style": "link", "id": "1", "title": "t"}

    response = send_v2(hipchat_server, message="hi", message_format="text", card=card)

    assert (response.status_code, response.content) == (204, b"")
    (message,) = hipchat_server.messages("Ops Room")
    assert (message["message"], message["card"], message["api_version"]) == ("hi", card, 2)


def test_messages_are_listed_by_room_in_order(hipchat_server: HipChatServer) -> None:
    for number in range(3):
        send_v2(hipchat_server, "a%2Fb", message=str(number))
        send_v2(hipchat_server, "4242", message="other")

    assert [m["message"] for m in hipchat_server.messages("a/b")] == ["0", "1", "2"]
    assert len(hipchat_server.messages(4242)) == 3


def test_random_color_is_resolved(hipchat_server: HipChatServer) -> None:
    send_v2(hipchat_server, color="random")

    (message,) = hipchat_server.messages()
    assert message["color_asked"] == "random"
    assert message["color"] in {"yellow", "red", "green", "purple", "gray"}


def test_prefix_before_the_version_is_tolerated(hipchat_server: HipChatServer) -> None:
    url = f"{hipchat_server.url}/some/prefix/v2/room/4242/notification?auth_token=TOK"

    assert requests.post(url, json={"message": "x"}, timeout=SECONDS).status_code == 204


def test_room_is_shown_and_its_id_can_be_sent_to(hipchat_server: HipChatServer) -> None:
    send_v2(hipchat_server)
    url = f"{hipchat_server.url}/v2/room/Ops%20Room"

    shown = requests.get(url, headers={"Authorization": "Bearer TOK"}, timeout=SECONDS).json()
    response = send_v2(hipchat_server, str(shown["id"]))

    assert shown["name"] == "Ops Room"
    assert shown["links"]["self"] == url.replace("http:", "https:")
    assert response.status_code == 204
    assert len(hipchat_server.messages("Ops Room")) == 2


@pytest.mark.parametrize("path", ["/v1/rooms/list", "/v1/rooms/message", "/v2/room/x"])
def test_auth_test_is_accepted(hipchat_server: HipChatServer, path: str) -> None:
    url = f"{hipchat_server.url}{path}?auth_token=TOK2&auth_test=true"

    assert requests.get(url, timeout=SECONDS).status_code == 202


def test_unknown_token_is_refused(hipchat_server: HipChatServer) -> None:
    v1 = send_v1(hipchat_server, auth_token="BAD")
    v2 = send_v2(hipchat_server, token="BAD")

    assert (v1.status_code, v2.status_code) == (401, 401)
    assert error_of(v1).startswith("Auth token invalid.")
    assert error_of(v2) == "Invalid OAuth session"
    assert hipchat_server.messages() == []


def test_invalid_messages_are_refused_with_hipchat_s_words(hipchat_server: HipChatServer) -> None:
    v1 = send_v1(hipchat_server, **{"from": "s" * 16})
    v2 = send_v2(hipchat_server, message=None)

    assert error_of(v1) == "From name must be between 1 and 15 characters."
    assert v2.json()["error"]["field"] == "message"
    assert hipchat_server.messages() == []


def test_only_the_named_rooms_exist() -> None:
    with HipChatServer("--rooms", "Ops Room,4242") as server:
        assert send_v2(server).status_code == 204
        assert send_v2(server, "4242").status_code == 204
        assert send_v1(server, room_id="Ops%20Room").status_code == 200
        unknown = send_v2(server, "other")

    assert (unknown.status_code, error_of(unknown)) == (404, "Room not found")


def test_token_s_limit_is_enforced(hipchat_server: HipChatServer) -> None:
    hipchat_server.limits(token_per_5_minutes=2)

    statuses = [send_v1(hipchat_server).status_code for _ in range(3)]
    other_token = send_v1(hipchat_server, auth_token="TOK2")

    assert (statuses, other_token.status_code) == ([200, 200, 403], 200)
    assert other_token.headers["X-RateLimit-Remaining"] == "1"


def test_room_s_limit_is_enforced_in_v2(hipchat_server: HipChatServer) -> None:
    hipchat_server.limits(room_per_minute=1)

    first, second, other = (send_v2(hipchat_server, room) for room in ("a", "a", "b"))

    assert [r.status_code for r in (first, second, other)] == [204, 429, 204]
    assert second.headers["X-FloodControl-Remaining"] == "0"
    assert 0 < int(second.headers["X-FloodControl-Reset"]) - time.time() <= 61
    assert "Retry-After" not in second.headers


def test_hipchat_s_own_limits_hold_from_the_start() -> None:
    with HipChatServer(limits="hipchat") as server:
        statuses = [send_v2(server).status_code for _ in range(31)]
        first_v1 = send_v1(server)

    assert statuses == [204] * 30 + [429]
    assert first_v1.headers["X-RateLimit-Remaining"] == "99"


def test_limit_that_is_off_never_runs_out(hipchat_server: HipChatServer) -> None:
    headers = [send_v2(hipchat_server).headers for _ in range(3)][-1]

    assert headers["X-RateLimit-Remaining"] == headers["X-RateLimit-Limit"] == "500"
    assert headers["X-FloodControl-Remaining"] == headers["X-FloodControl-Limit"] == "30"
