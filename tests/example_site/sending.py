"""Requests to the local HipChat server, byte for byte where that matters."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

import requests

from tests.hipchat_server import HipChatServer

SECONDS = 10
MOST_LOOKS = 2000


def send_v1(server: HipChatServer, **fields: Any) -> requests.Response:
    """Post a v1 form; the token, the room and the sender have defaults."""
    form = {"auth_token": "TOK", "room_id": "Ops Room", "from": "bot", "message": "hi", **fields}
    return requests.post(f"{server.url}/v1/rooms/message", data=form, timeout=SECONDS)


def send_v2(
    server: HipChatServer, room: str = "Ops%20Room", *, token: str = "TOK", **content: Any
) -> requests.Response:
    """Post a v2 notification to a room, whose name is encoded already."""
    return requests.post(
        f"{server.url}/v2/room/{room}/notification",
        json={"message": "hi", **content},
        headers={"Authorization": f"Bearer {token}"},
        timeout=SECONDS,
    )


def send_raw(server: HipChatServer, request: bytes) -> http.client.HTTPResponse:
    """Send bytes and return the answer, with its body read into ``content``."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        response.content = response.read()  # type: ignore[attr-defined]
        return response


def wait_for_message(server: HipChatServer) -> None:
    """Return once a message is stored."""
    assert any(server.messages() for _ in range(MOST_LOOKS))


def raw_post(line: str, content_type: str, body: bytes, *headers: str) -> bytes:
    """Return the bytes of a POST; ``line`` is what stands between POST and HTTP/1.1."""
    head = [
        f"POST {line} HTTP/1.1",
        "Host: api.hipchat.com",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


def raw_json(line: str, content: Any, *headers: str) -> bytes:
    """Return the bytes of a POST of JSON with a Bearer token."""
    body = json.dumps(content).encode()
    return raw_post(line, "application/json", body, "Authorization: Bearer TOK", *headers)


def error_of(response: requests.Response) -> str:
    """Return the words of an error."""
    return response.json()["error"]["message"]
