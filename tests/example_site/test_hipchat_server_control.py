"""The local HipChat server's control API."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.hipchat_server import HipChatServer

from .sending import SECONDS, send_v1, send_v2

pytestmark = pytest.mark.once


def control(server: HipChatServer, method: str, path: str, content: Any = None) -> Any:
    body = content if isinstance(content, str) else json.dumps(content)
    return requests.request(method, f"{server.url}/control/{path}", data=body, timeout=SECONDS)


def test_requests_are_logged_in_order(hipchat_server: HipChatServer) -> None:
    send_v1(hipchat_server, message="a")
    send_v2(hipchat_server, message=None)

    first, second = hipchat_server.requests()

    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/rooms/message", 200)
    assert ["message", "a"] in first["form"]
    assert first["json"] is None
    assert first["content_type"] == "application/x-www-form-urlencoded"
    assert (second["status"], second["json"], second["form"]) == (400, {"message": None}, None)
    assert second["path"] == "/v2/room/Ops%20Room/notification"


def test_no_token_is_logged(hipchat_server: HipChatServer) -> None:
    send_v1(hipchat_server)
    send_v1(hipchat_server, auth_token="S3CRET-of-another")
    send_v2(hipchat_server, token="S3CRET+2", x=[{"token": "S3CRET"}])
    url = f"{hipchat_server.url}/v2/room/TOK/notification?auth_token=TOK"
    requests.post(url, json={"message": "TOK in TOKYO", "n": 1}, timeout=SECONDS)

    logged = hipchat_server.requests()

    text = json.dumps(logged)
    assert "S3CRET" not in text
    assert ["auth_token", "***"] in logged[0]["form"]
    assert ["Authorization", "Bearer ***"] in logged[2]["headers"]
    assert logged[3]["query"] == [["auth_token", "***"]]
    assert logged[3]["path"] == "/v2/room/***/notification"
    assert logged[3]["json"] == {"message": "*** in TOKYO", "n": 1}


def test_later_requests_and_messages_can_be_asked_for(hipchat_server: HipChatServer) -> None:
    for number in range(3):
        send_v2(hipchat_server, message=str(number))
    known_request = hipchat_server.requests()[1]["id"]
    known_message = hipchat_server.messages()[1]["id"]

    messages = control(hipchat_server, "GET", f"messages?after={known_message}&room=Ops Room")

    assert len(hipchat_server.requests(after=known_request)) == 1
    assert messages.json()["count"] == 1
    assert messages.json()["messages"][0]["message"] == "2"


def test_counts_say_what_requests_came_to(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("drop_after")
    with pytest.raises(requests.ConnectionError):
        send_v2(hipchat_server)
    send_v1(hipchat_server)
    send_v1(hipchat_server, auth_token="BAD")
    hipchat_server.fault("unavailable")
    send_v1(hipchat_server)

    assert hipchat_server.counts() == {
        "requests": 4,
        "accepted": 2,
        "rejected": 1,
        "faulted": 2,
        "by_status": {"200": 1, "401": 1, "503": 1, "dropped": 1},
    }


def test_long_log_is_written_completely(hipchat_server: HipChatServer) -> None:
    for _ in range(101):
        send_v1(hipchat_server, auth_token="BAD")

    assert len(hipchat_server.requests()) == 101


def test_faults_are_listed_and_cleared(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("hang", times=None, seconds=1.5, room=4242)

    listed = control(hipchat_server, "GET", "faults").json()
    cleared = control(hipchat_server, "DELETE", "faults").json()

    assert listed == {
        "faults": [
            {"fault": "hang", "times": None, "retry_after": 1, "seconds": 1.5, "room": "4242"}
        ]
    }
    assert cleared == {"faults": []}


def test_limits_are_shown(hipchat_server: HipChatServer) -> None:
    hipchat_server.limits(token_per_5_minutes=5, room_per_minute=2)

    assert control(hipchat_server, "GET", "limits").json() == {
        "token_per_5_minutes": {"1": 5, "2": 5},
        "room_per_minute": {"2": 2},
    }


def test_reset_forgets_everything(hipchat_server: HipChatServer) -> None:
    hipchat_server.limits(token_per_5_minutes=1)
    send_v2(hipchat_server)
    hipchat_server.fault("unavailable", times=None)

    hipchat_server.reset()

    assert (hipchat_server.messages(), hipchat_server.requests()) == ([], [])
    assert [send_v2(hipchat_server).status_code for _ in range(2)] == [204, 204]


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("faults", "{", "The body is not JSON; send a JSON object."),
        ("faults", [1], "[1] is not a JSON object"),
        ("faults", {"fault": "fire"}, "fault 'fire' is not known; send one of unavailable,"),
        ("faults", {"fault": "hang", "second": 1}, "'second' is not known; send fault, times,"),
        ("faults", {"fault": "hang", "times": 0}, "times 0 is out of bounds; send a whole number"),
        ("faults", {"fault": "hang", "times": True}, "times True is out of bounds"),
        ("faults", {"fault": "hang", "seconds": -1}, "seconds -1 is out of bounds; send a number"),
        ("faults", {"fault": "hang", "seconds": "1"}, "seconds '1' is out of bounds"),
        ("faults", {"fault": "hang", "retry_after": 1.5}, "retry_after 1.5 is out of bounds"),
        ("faults", {"fault": "hang", "room": [1]}, "room [1] is no room; send its name, or null"),
        ("limits", "{", "The body is not JSON"),
        ("limits", {"per_minute": 1}, "{'per_minute': 1} is not known; send an object with"),
        ("limits", {"room_per_minute": -1}, "room_per_minute -1 is out of bounds; send a whole"),
        ("limits", {"token_per_5_minutes": "5"}, "token_per_5_minutes '5' is out of bounds"),
    ],
)
def test_bad_input_is_refused_with_a_remedy(
    hipchat_server: HipChatServer, path: str, content: object, words: str
) -> None:
    response = control(hipchat_server, "POST", path, content)

    assert response.status_code == 400
    assert response.json()["error"].startswith(words)


@pytest.mark.parametrize("path", ["messages?after=x", "requests?after=-1"])
def test_bad_id_is_refused_with_a_remedy(hipchat_server: HipChatServer, path: str) -> None:
    response = control(hipchat_server, "GET", path)

    assert response.status_code == 400
    assert "is no id; send that of the last of the" in response.json()["error"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "messages"),
        ("POST", "counts"),
        ("PUT", "faults"),
        ("PUT", "limits"),
        ("GET", "reset"),
    ],
)
def test_other_methods_are_not_allowed(
    hipchat_server: HipChatServer, method: str, path: str
) -> None:
    assert control(hipchat_server, method, path).status_code == 405
