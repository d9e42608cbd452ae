"""Clients from PyPI that nobody here wrote send to the local HipChat server."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.hipchat_server import HipChatServer

pytestmark = pytest.mark.once

SIMPLE_HIPCHAT = """
import sys, hipchat
client = hipchat.HipChat(token="TOK", url=sys.argv[1] + "/v1/")
print(client.message_room("Ops Room", "Deploy bot of us", "déployé & <ok>", notify=True))
"""

# HypChat recognises a room by a link with https and posts to that link; the local server speaks
# http, so the link is turned back, as a proxy in front of the server would.
HYPCHAT = """
import sys, hypchat
client = hypchat.HypChat("TOK", endpoint=sys.argv[1])
room = client.get_room("Ops Room")
print(type(room).__name__, room["links"]["self"].partition("/v2/")[2])
room["links"]["self"] = room["links"]["self"].replace("https://", "http://")
room.notification("@all déployé & <ok>", color="green", notify=True)
"""


def run(code: str, server: HipChatServer) -> subprocess.CompletedProcess[str]:
    """Run a client in an interpreter of its own."""
    # Some of them were written for older Pythons and warn.
    command = [sys.executable, "-X", "utf8", "-W", "ignore", "-c", code, server.url]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_python_simple_hipchat_sends_by_v1(hipchat_server: HipChatServer) -> None:
    ended = run(SIMPLE_HIPCHAT, hipchat_server)

    assert (ended.stdout, ended.stderr) == ("{'status': 'sent'}\n", "")
    (message,) = hipchat_server.messages("Ops Room")
    assert message["message"] == "déployé & <ok>"
    assert message["from"] == "Deploy bot of u"
    assert (message["message_format"], message["color"], message["notify"]) == (
        "text",
        "yellow",
        True,
    )


def test_python_simple_hipchat_learns_of_a_refusal(hipchat_server: HipChatServer) -> None:
    ended = run(SIMPLE_HIPCHAT.replace("TOK", "BAD"), hipchat_server)

    assert ended.returncode == 1
    assert "HTTP Error 401" in ended.stderr


def test_hypchat_sends_by_v2(hipchat_server: HipChatServer) -> None:
    ended = run(HYPCHAT, hipchat_server)

    assert (ended.stdout, ended.stderr) == ("Room room/Ops%20Room\n", "")
    (message,) = hipchat_server.messages("Ops Room")
    assert message["message"] == "@all déployé & <ok>"
    assert (message["message_format"], message["color"], message["api_version"]) == (
        "text",
        "green",
        2,
    )


@pytest.mark.parametrize(("token", "error"), [("BAD", "HttpUnauthorized"), ("", "Http")])
def test_hypchat_learns_of_a_refusal(hipchat_server: HipChatServer, token: str, error: str) -> None:
    ended = run(HYPCHAT.replace("TOK", token), hipchat_server)

    assert ended.returncode == 1
    assert error in ended.stderr
    assert hipchat_server.messages() == []


def test_hypchat_waits_until_the_limit_is_reset(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("rate_limited", retry_after=1)

    ended = run(HYPCHAT, hipchat_server)

    assert ended.returncode == 0
    assert len(hipchat_server.messages("Ops Room")) == 1
