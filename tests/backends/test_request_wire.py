"""
Our requests beside those of the clients that HipChat knew.

What the clients send is written down here; where the environment variable HIPCHAT_WIRE names a
folder of recordings, each recorded request is compared, too.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from djhipchat2.message import V2
from tests.backends.conftest import Serve
from tests.backends.raw_server import Request, http
from tests.backends.sending import a_message, backend_for

FORM = "application/x-www-form-urlencoded"


def form(**changes: str) -> dict[str, Any]:
    """Return a request of the 2013 package."""
    fields = {
        "from": "Django",
        "message_format": "html",
        "color": "yellow",
        "auth_token": "TOK",
        "format": "json",
        "room_id": "Ops",
        "notify": "0",
        "message": "<b>hello</b>",
        **changes,
    }
    return {
        "method": "POST",
        "target": "/v1/rooms/message",
        "headers": [["Content-Type", FORM]],
        "form": list(fields.items()),
    }


def notification(room: str, **fields: object) -> dict[str, Any]:
    """Return a request of a v2 client."""
    return {
        "method": "POST",
        "target": f"/v2/room/{quote(room)}/notification",
        "path_decoded": f"/v2/room/{room}/notification",
        "headers": [["Content-Type", "application/json"], ["authorization", "Bearer TOK"]],
        "json": fields,
    }


#: send_message('Ops', '<b>hello</b>') and so on, through djhipchat2 0.5.1.
OF_2013 = [
    pytest.param(form(), id="defaults"),
    pytest.param(
        form(room_id="4242", notify="1", color="red", message_format="text", message="@all hi"),
        id="text to a numbered room",
    ),
    pytest.param(form(**{"from": "Böt", "message": "100% a+b=c & <ok>\n✓"}), id="unicode"),
]
OF_V2 = [
    pytest.param(
        notification("4242", message="hi", notify=True, message_format="html", color="red"),
        id="hypchat 0.21: notification('hi', color='red', notify=True, format='html')",
    ),
    pytest.param(
        notification("4242", message="hi", notify=False, message_format="text"),
        id="hypchat 0.21: notification('hi')",
    ),
    pytest.param(
        notification(
            "Ops Room",
            **{"from": "ci"},
            message="hi",
            color="red",
            message_format="text",
            notify=False,
        ),
        id="hipchat-notifier 1.1.0: failure('hi')",
    ),
]


def recorded(*clients: str) -> list[Any]:
    """Return the messages among the recorded requests of clients; none without the folder."""
    folder = os.environ.get("HIPCHAT_WIRE")
    paths = [Path(folder, f"{client}.json") for client in clients] if folder else []
    return [
        pytest.param(request, id=f"{path.stem}: {case['case']}")
        for path in paths
        for case in json.loads(path.read_text(encoding="utf-8"))["cases"]
        for request in case["requests"]
        if case["server_mode"] == "ok"
        and request["target"].endswith(("/rooms/message", "/notification"))
    ]


def header(request: dict[str, Any], name: str) -> str:
    (value,) = [text for key, text in request["headers"] if key.lower() == name]
    return str(value)


def ours(serve: Serve, room: str, fields: dict[str, Any], version: int) -> Request:
    """Return the request that our backend makes of a client's fields."""
    server = serve(http())
    backend = backend_for(server.url, token="TOK", api_version=version)
    backend.deliver(
        a_message(
            room_id=room,
            text=fields["message"],
            sender=fields.get("from", ""),
            message_format=fields["message_format"],
            notify=bool(int(fields["notify"])),
            color=fields.get("color", "yellow"),
            limits=V2,
        )
    )
    backend.close()
    (request,) = server.requests
    return request


@pytest.mark.parametrize("theirs", [*OF_2013, *recorded("djhipchat2")])
def test_v1_is_what_the_2013_package_sent(serve: Serve, theirs: dict[str, Any]) -> None:
    fields = dict(theirs["form"])

    request = ours(serve, fields["room_id"], fields, version=1)

    assert request.line.split()[:2] == [theirs["method"], theirs["target"]]
    assert request.headers["content-type"] == header(theirs, "content-type")
    assert request.form == fields


@pytest.mark.parametrize("theirs", [*OF_V2, *recorded("hypchat", "hipchat-notifier")])
def test_v2_is_what_its_clients_sent(serve: Serve, theirs: dict[str, Any]) -> None:
    room = theirs["path_decoded"].split("/")[3]

    request = ours(serve, room, theirs["json"], version=2)

    assert request.line.split()[:2] == [theirs["method"], theirs["target"]]
    assert request.headers["authorization"] == header(theirs, "authorization")
    assert request.headers["content-type"] == header(theirs, "content-type")
    # What a client leaves out has HipChat's default.
    assert json.loads(request.body) == {"from": "", "color": "yellow", **theirs["json"]}
