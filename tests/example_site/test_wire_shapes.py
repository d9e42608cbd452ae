"""Requests in the shapes of real clients get what those clients insist on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hipchat_server import HipChatServer

from .sending import raw_json, raw_post, send_raw

pytestmark = pytest.mark.once

FORM = "application/x-www-form-urlencoded"
V2_LINE = "/v2/room/Ops%20Room/notification"
QUERY = "auth_token=TOK&room_id=Ops+Room&from=Shape&message=deploy+%26+more"
MULTIPART = b"".join(
    b'--XyZ\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % pair
    for pair in [
        (b"auth_token", b"TOK"),
        (b"room_id", b"Ops Room"),
        (b"from", b"Shape"),
        (b"message", b"deploy & more"),
    ]
) + (b"--XyZ--\r\n")


def get(line: str) -> bytes:
    return f"GET {line} HTTP/1.1\r\nHost: api.hipchat.com\r\nConnection: close\r\n\r\n".encode()


V1_SHAPES = {
    "all in the query, by GET": get(f"/v1/rooms/message?{QUERY}&color=red"),
    "doubled slash": raw_post("/v1//rooms/message", FORM, QUERY.encode()),
    "token and format in the query": raw_post(
        "/v1/rooms/message?format=json&auth_token=TOK",
        FORM,
        b"room_id=Ops+Room&from=Shape&message=deploy+%26+more&notify=True&api=http://x/v1",
    ),
    "multipart": raw_post("/v1/rooms/message", "multipart/form-data; boundary=XyZ", MULTIPART),
    "room encoded twice": raw_post(
        "/v1/rooms/message", FORM, QUERY.replace("Ops+Room", "Ops%2520Room").encode()
    ),
    "nothing encoded but the message": raw_post(
        "/v1/rooms/message", FORM, QUERY.replace("Ops+Room", "Ops Room").encode() + b"\n"
    ),
    "empty color": raw_post("/v1/rooms/message", FORM, f"{QUERY}&color=&notify=0".encode()),
    "notify as a word": raw_post("/v1/rooms/message", FORM, f"{QUERY}&notify=False".encode()),
    "empty cookie": raw_post("/v1/rooms/message", FORM, QUERY.encode(), "Cookie: "),
}


def shape(**content: Any) -> bytes:
    return raw_json(V2_LINE, {"message": "deploy & more", **content})


V2_SHAPES = {
    "message alone": shape(),
    "notify as a word": shape(notify="true"),
    "notify as Python's word": shape(notify="True"),
    "empty notify": shape(notify=""),
    "empty color and sender": shape(color="", **{"from": ""}),
    "nulls": shape(id=None, date=None, card=None),
    "card as Python's repr": shape(card="{'style': 'link', 'id': '1', 'title': 'T'}"),
    "card without an id": shape(card={"style": "application", "title": "T"}),
    "unknown keys": shape(room_id="Ops Room", token="TOK", team_server="http://x", api="y"),
    "raw space": raw_json("/v2/room/Ops Room/notification", {"message": "deploy & more"}),
    "doubled slash": raw_json("/v2//room/Ops%20Room/notification", {"message": "deploy & more"}),
    "form": raw_post(
        f"{V2_LINE}?auth_token=TOK", FORM, b"notify=false&message=deploy+%26+more&from=Shape"
    ),
    "charset and trailing newline": raw_post(
        f"{V2_LINE}?auth_token=TOK",
        "application/json; charset=utf-8",
        b'{"message":"deploy \\u0026 more\\n","notify":true}\n',
    ),
}


@pytest.mark.parametrize("name", V1_SHAPES)
def test_v1_shape_is_answered_with_200_and_sent(hipchat_server: HipChatServer, name: str) -> None:
    send_raw(hipchat_server, raw_json(V2_LINE, {"message": "the room exists"}))

    response = send_raw(hipchat_server, V1_SHAPES[name])

    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(response.content) == {"status": "sent"}
    message = hipchat_server.messages("Ops Room")[-1]
    assert (message["message"], message["from"]) == ("deploy & more", "Shape")


@pytest.mark.parametrize("name", V2_SHAPES)
def test_v2_shape_is_answered_with_204_and_no_json(
    hipchat_server: HipChatServer, name: str
) -> None:
    response = send_raw(hipchat_server, V2_SHAPES[name])

    assert (response.status, response.content) == (204, b"")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert int(response.headers["X-Ratelimit-Remaining"]) > 0
    assert int(response.headers["X-Ratelimit-Reset"]) > 0
    assert hipchat_server.messages("Ops Room")[-1]["message"] == "deploy & more"


def recordings() -> list[Path]:
    """Return the folders of recorded requests; they are not in this repository."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "wire"
    folder = Path(os.environ.get("HIPCHAT_WIRE") or beside)
    return [folder] * (folder / "replay.py").is_file()


def test_recordings_that_are_present_are_all_answered(hipchat_server: HipChatServer) -> None:
    replays = [
        subprocess.run(
            [sys.executable, str(folder / "replay.py"), str(folder), str(hipchat_server.port)],
            capture_output=True,
            text=True,
            check=False,
        )
        for folder in recordings()
    ]

    assert [replay.stdout for replay in replays if replay.returncode != 0] == []
