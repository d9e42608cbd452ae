"""The local HipChat server: endpoints, tokens, limits, faults, connections, start and stop."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

from tests.hipchat_server import SCRIPT, HipChatServer

from .sending import SECONDS, error_of, raw_json, raw_post, send_raw, send_v1, send_v2


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


def test_unavailable_server_stores_nothing(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("unavailable")

    statuses = [send_v2(hipchat_server).status_code for _ in range(2)]

    assert statuses == [503, 204]
    assert len(hipchat_server.messages()) == 1


def test_rate_limited_server_says_when_to_come_back(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("rate_limited", times=2, retry_after=7)

    v1, v2 = send_v1(hipchat_server), send_v2(hipchat_server)

    assert [r.status_code for r in (v1, v2)] == [429, 429]
    assert [r.headers["Retry-After"] for r in (v1, v2)] == ["7", "7"]
    assert hipchat_server.messages() == []


def test_hanging_server_stores_at_once_and_answers_late(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("hang", seconds=60)
    answers: list[int] = []
    client = threading.Thread(target=lambda: answers.append(send_v2(hipchat_server).status_code))

    client.start()
    while not hipchat_server.messages():
        pass
    before = list(answers)
    hipchat_server.clear_faults()
    client.join(SECONDS)

    assert (before, answers) == ([], [204])


def test_hanging_server_answers_after_its_time(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("hang", seconds=0.2)

    begun = time.monotonic()
    response = send_v2(hipchat_server)

    assert response.status_code == 204
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(("kind", "stored"), [("drop_before", 0), ("drop_after", 1)])
def test_dropped_connection_has_no_answer(
    hipchat_server: HipChatServer, kind: str, stored: int
) -> None:
    hipchat_server.fault(kind)

    with pytest.raises(requests.ConnectionError):
        send_v2(hipchat_server)

    assert len(hipchat_server.messages()) == stored
    (request,) = hipchat_server.requests()
    assert (request["status"], request["fault"]) == (None, kind)
    assert hipchat_server.counts()["by_status"] == {"dropped": 1}


def test_fault_of_one_room_spares_the_others(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("unavailable", times=None, room="a")

    statuses = [send_v2(hipchat_server, room).status_code for room in ("a", "b", "a")]

    assert statuses == [503, 204, 503]


def test_faults_strike_one_after_the_other(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("unavailable")
    hipchat_server.fault("rate_limited")

    assert [send_v2(hipchat_server).status_code for _ in range(3)] == [503, 429, 204]


def test_many_messages_go_over_one_connection(hipchat_server: HipChatServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", hipchat_server.port, timeout=SECONDS)
    connection.connect()
    kept = connection.sock

    for number in range(300):
        headers = {"Authorization": "Bearer TOK", "Content-Type": "application/json"}
        body = f'{{"message": "{number}"}}'
        connection.request("POST", "/v2/room/4242/notification", body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 204

    assert connection.sock is kept
    connection.close()
    assert [m["message"] for m in hipchat_server.messages()] == [str(n) for n in range(300)]


def test_connection_is_kept_after_errors_and_pages(hipchat_server: HipChatServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", hipchat_server.port, timeout=SECONDS)
    connection.connect()
    kept = connection.sock

    for path in ("/v2/room/x", "/nothing", "/", "/static/hipchat_server/wall.css"):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    connection.request("GET", path, headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    unchanged = connection.getresponse()

    assert unchanged.status == 304
    assert connection.sock is kept
    connection.close()


def test_raw_space_in_the_request_line_is_read(hipchat_server: HipChatServer) -> None:
    line = "/v2/room/Ops Room/notification"

    response = send_raw(hipchat_server, raw_json(line, {"message": "x", "room_id": "Ops Room"}))

    assert response.status == 204
    assert len(hipchat_server.messages("Ops Room")) == 1


def test_expectation_of_100_continue_is_met(hipchat_server: HipChatServer) -> None:
    request = raw_json("/v2/room/4242/notification", {"message": "x"}, "Expect: 100-continue")
    head, _, body = request.partition(b"\r\n\r\n")

    with socket.create_connection(("127.0.0.1", hipchat_server.port), SECONDS) as connection:
        connection.sendall(head + b"\r\n\r\n")
        interim = connection.recv(1000)
        connection.sendall(body)
        final = connection.recv(1000)

    assert interim.startswith(b"HTTP/1.1 100 Continue")
    assert final.startswith(b"HTTP/1.1 204")


def test_client_that_hangs_up_has_sent_its_message(hipchat_server: HipChatServer) -> None:
    with socket.create_connection(("127.0.0.1", hipchat_server.port), SECONDS) as connection:
        connection.sendall(raw_json("/v2/room/4242/notification", {"message": "x"}))

    while not hipchat_server.messages():
        pass

    assert hipchat_server.errors.read_text() == ""


def test_client_that_hangs_up_in_its_body_is_forgotten(hipchat_server: HipChatServer) -> None:
    request = raw_json("/v2/room/4242/notification", {"message": "x"})

    with socket.create_connection(("127.0.0.1", hipchat_server.port), SECONDS) as connection:
        connection.sendall(request[:-5])
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)

    assert hipchat_server.messages() == []
    assert hipchat_server.errors.read_text() == ""


def test_chunked_body_is_refused(hipchat_server: HipChatServer) -> None:
    url = f"{hipchat_server.url}/v1/rooms/message"

    assert requests.post(url, data=iter([b"x"]), timeout=SECONDS).status_code == 411


def test_overlong_request_line_is_refused(hipchat_server: HipChatServer) -> None:
    line = "/v1/rooms/message?message=" + "x" * 70_000

    assert send_raw(hipchat_server, raw_post(line, "", b"")).status == 414


def test_oversized_body_is_refused(hipchat_server: HipChatServer) -> None:
    response = send_v2(hipchat_server, message="x" * (10 * 1024 * 1024))

    assert response.status_code == 413


def test_parallel_clients_lose_nothing(hipchat_server: HipChatServer) -> None:
    def send() -> None:
        for _ in range(20):
            send_v2(hipchat_server)

    clients = [threading.Thread(target=send) for _ in range(8)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()

    assert hipchat_server.counts()["by_status"] == {"204": 160}
    assert len(hipchat_server.messages()) == 160


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_the_server_at_once_while_requests_hang(sent: signal.Signals) -> None:
    with HipChatServer() as server:
        server.fault("hang", seconds=600)
        client = threading.Thread(target=lambda: send_v2(server))
        client.start()
        while not server.messages():
            pass

        begun = time.monotonic()
        server.process.send_signal(sent)
        status = server.process.wait(SECONDS)
        client.join(SECONDS)

        assert status == 0
        assert time.monotonic() - begun < 3
        assert "Traceback" not in server.errors.read_text()


def test_missing_tokens_are_named() -> None:
    command = [sys.executable, str(SCRIPT), "--tokens", " , "]

    ended = subprocess.run(command, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert "give one or more, separated by commas" in ended.stderr
