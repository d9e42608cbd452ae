"""The local HipChat server: connections, odd requests, start and stop."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading

import pytest
import requests

from tests.hipchat_server import SCRIPT, HipChatServer

from .sending import SECONDS, raw_json, raw_post, send_raw, send_v2, wait_for_message

pytestmark = pytest.mark.once


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

    wait_for_message(hipchat_server)

    assert hipchat_server.errors.read_text() == ""


def test_client_that_hangs_up_in_its_body_is_forgotten(hipchat_server: HipChatServer) -> None:
    form = b"auth_token=TOK&room_id=1&from=bot&message=shut down the test cluster"
    request = raw_post("/v1/rooms/message", "application/x-www-form-urlencoded", form)

    with socket.create_connection(("127.0.0.1", hipchat_server.port), SECONDS) as connection:
        connection.sendall(request[: -len(" the test cluster")])
        connection.shutdown(socket.SHUT_WR)
        answer = connection.recv(1000)

    assert answer == b""

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
        wait_for_message(server)

        server.process.send_signal(sent)
        status = server.process.wait(SECONDS)
        client.join(SECONDS)

        assert status == 0
        assert "Traceback" not in server.errors.read_text()


def start(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Start a server that has a reason not to."""
    command = [sys.executable, str(SCRIPT), "--tokens", "TOK", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)


def test_missing_tokens_are_named() -> None:
    ended = start("--tokens", " , ")

    assert ended.returncode == 2
    assert "give one or more, separated by commas" in ended.stderr


@pytest.mark.parametrize("port", ["-1", "65536", "http", "²"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    ended = start(f"--port={port}")

    assert ended.returncode == 2
    assert f"'{port}' is no port; give a number from 0 to 65535" in ended.stderr


def test_a_port_that_is_taken_is_named_with_the_remedy(hipchat_server: HipChatServer) -> None:
    ended = start("--port", str(hipchat_server.port))

    assert ended.returncode == 1
    assert ended.stderr == (
        f"The HipChat server cannot listen on port {hipchat_server.port} of 127.0.0.1: Address "
        "already in use. Choose another port: make hipchat-server PORT=… (--port …; 0 is any free "
        "one).\n"
    )


def test_helper_says_why_the_server_did_not_start() -> None:
    with pytest.raises(
        RuntimeError, match=r"(?s)did not start: .*unrecognized arguments: --nonsense"
    ):
        HipChatServer("--nonsense")


def test_helper_says_what_the_control_api_refused(hipchat_server: HipChatServer) -> None:
    with pytest.raises(RuntimeError, match=r"POST faults: HTTP 400 .*fault 'fire' is not known"):
        hipchat_server.fault("fire")


def test_stopped_server_may_be_stopped_again() -> None:
    server = HipChatServer()

    assert [server.stop(), server.stop()] == [0, 0]
