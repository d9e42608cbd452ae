"""The pages of the local HipChat server."""

from __future__ import annotations

import pytest
import requests

from tests.hipchat_server import HipChatServer

from .sending import SECONDS, send_v1, send_v2

pytestmark = pytest.mark.once

ROOM = "/rooms/Ops%20Room/"


def page(server: HipChatServer, path: str = ROOM) -> str:
    response = requests.get(f"{server.url}{path}", timeout=SECONDS)
    assert response.status_code == 200
    return response.text


def post_form(server: HipChatServer, path: str, **fields: str) -> requests.Response:
    """Post a form of the faults page as a browser does."""
    with requests.Session() as browser:
        browser.get(f"{server.url}/faults/", timeout=SECONDS)
        fields["csrfmiddlewaretoken"] = browser.cookies["hipchat_server_csrf"]
        url = f"{server.url}{path}"
        return browser.post(url, data=fields, timeout=SECONDS, allow_redirects=False)


FAULT = {"kind": "unavailable", "times": "2", "retry_after": "30", "seconds": "10", "room": ""}


def test_rooms_are_listed(hipchat_server: HipChatServer) -> None:
    send_v2(hipchat_server)
    send_v2(hipchat_server, "R%26D%20%2F%20caf%C3%A9%3F")

    html = page(hipchat_server, "/")

    assert 'href="/rooms/Ops%20Room/"' in html
    assert "R&amp;D / café?" in html
    assert 'href="/rooms/R&amp;D%20/%20caf%C3%A9%3F/"' in html
    page(hipchat_server, "/rooms/R&D%20/%20caf%C3%A9%3F/")


def test_empty_wall_says_how_to_fill_it(hipchat_server: HipChatServer) -> None:
    assert "/v1/rooms/message" in page(hipchat_server, "/")


def test_unknown_room_is_not_found(hipchat_server: HipChatServer) -> None:
    response = requests.get(f"{hipchat_server.url}/rooms/unknown/", timeout=SECONDS)

    assert response.status_code == 404
    assert "All rooms" in response.text


def test_unknown_page_is_not_found(hipchat_server: HipChatServer) -> None:
    response = requests.get(f"{hipchat_server.url}/nothing/", timeout=SECONDS)

    assert (response.status_code, "There is no such page" in response.text) == (404, True)


def test_message_has_its_color_and_sender(hipchat_server: HipChatServer) -> None:
    send_v1(hipchat_server, color="purple", notify="1", **{"from": "Deploy <bot>"})

    html = page(hipchat_server)

    assert '<li class="message purple"' in html
    assert "Deploy &lt;bot&gt;" in html
    assert ">notify</span>" in html


def test_text_is_escaped_and_linked(hipchat_server: HipChatServer) -> None:
    text = '<script>alert(1)</script>\nhttps://example.test/?a=1&b="2"'

    send_v2(hipchat_server, message=text, message_format="text")

    html = page(hipchat_server)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>" in html
    assert '<a href="https://example.test/?a=1&amp;b=' in html


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ('<b>x</b><script>alert("1")</script>', "<b>x</b></div>"),
        ('<img src="https://i.test/x" onerror="alert(1)">', '<img src="https://i.test/x"></div>'),
        (
            '<a href="javascript:alert(1)">x</a>',
            '<a rel="noopener noreferrer nofollow">x</a></div>',
        ),
        ('<a href="http://x.test" onclick="y">x</a>', 'href="http://x.test" rel='),
        ("<b><i>x</b></i>", "<b><i>x</i></b></div>"),
        ("<iframe src=//evil.test></iframe>x<form><input></form>", ">x</div>"),
        ('<td><span style="color:red">x</span>', "<span>x</span></div>"),
        ("<table><tr><td colspan=2>x</td></tr></table>", '<td colspan="2">x</td>'),
    ],
)
def test_html_is_sanitised(hipchat_server: HipChatServer, sent: str, shown: str) -> None:
    send_v2(hipchat_server, message=sent)

    assert shown in page(hipchat_server)


@pytest.mark.parametrize(
    ("description", "shown"),
    [
        ("a <b>\nc", "a &lt;b&gt;<br>c"),
        ({"value": "<i>d</i><script>e</script>", "format": "html"}, ">\n<i>d</i>"),
        ({"value": "<i>d</i>", "format": "text"}, "&lt;i&gt;d&lt;/i&gt;"),
    ],
)
def test_card_is_shown(hipchat_server: HipChatServer, description: object, shown: str) -> None:
    card = {"title": "T <1>", "url": "https://x.test/", "description": description}

    send_v2(hipchat_server, card=card)

    html = page(hipchat_server)
    assert '<a href="https://x.test/" rel="noopener noreferrer nofollow">T &lt;1&gt;</a>' in html
    assert shown.lstrip(">\n") in html
    assert "<script>e" not in html


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://[", 1, None])
def test_card_with_an_unsafe_address_has_no_link(
    hipchat_server: HipChatServer, url: object
) -> None:
    send_v2(hipchat_server, card={"url": url})

    assert '<p class="card-title">Card</p>' in page(hipchat_server)


def test_newer_messages_come_as_a_fragment(hipchat_server: HipChatServer) -> None:
    send_v2(hipchat_server, message="old")
    known = hipchat_server.messages()[0]["id"]
    send_v2(hipchat_server, message="<b>new</b><script>x</script>")
    url = f"{hipchat_server.url}{ROOM}?after="

    fresh = requests.get(f"{url}{known}", timeout=SECONDS).json()
    none = requests.get(f"{url}{fresh['last']}", timeout=SECONDS).json()

    assert "<b>new</b></div>" in fresh["html"]
    assert "old" not in fresh["html"]
    assert (fresh["total"], none["html"], none["last"]) == (2, "", fresh["last"])


def test_page_that_knows_more_than_there_is_learns_so(hipchat_server: HipChatServer) -> None:
    send_v2(hipchat_server)
    last = hipchat_server.messages()[0]["id"]
    url = f"{hipchat_server.url}{ROOM}?after={last + 100}"

    assert requests.get(url, timeout=SECONDS).json()["last"] == last


def test_long_room_shows_its_end(hipchat_server: HipChatServer) -> None:
    for number in range(201):
        send_v2(hipchat_server, message=f"number {number}.")

    html = page(hipchat_server)

    assert "the last 200 shown" in html
    assert "number 0." not in html
    assert "number 200." in html


@pytest.mark.parametrize("path", ["/", ROOM, "/faults/"])
def test_pages_forbid_inline_scripts(hipchat_server: HipChatServer, path: str) -> None:
    send_v2(hipchat_server)

    response = requests.get(f"{hipchat_server.url}{path}", timeout=SECONDS)

    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert '<html lang="en">' in response.text
    assert "<style" not in response.text
    assert " style=" not in response.text


@pytest.mark.parametrize("name", ["wall.css", "wall.js", "icon.svg"])
def test_static_files_are_served(hipchat_server: HipChatServer, name: str) -> None:
    url = f"{hipchat_server.url}/static/hipchat_server/{name}"

    assert requests.get(url, timeout=SECONDS).status_code == 200


def test_fault_is_switched_on_by_the_form(hipchat_server: HipChatServer) -> None:
    response = post_form(hipchat_server, "/faults/", **FAULT)

    assert (response.status_code, response.headers["Location"]) == (302, "/faults/")
    html = page(hipchat_server, "/faults/")
    assert "answer 503 Service Unavailable" in html
    assert "for the next 2 requests, in all rooms" in html
    assert send_v2(hipchat_server).status_code == 503


def test_faults_are_described(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("rate_limited", times=None, retry_after=9, room="Ops Room")
    hipchat_server.fault("hang", seconds=2.5)

    html = page(hipchat_server, "/faults/")

    assert "Retry-After: 9" in html
    assert "until cleared, in Ops Room" in html
    assert "after 2.5 s" in html


def test_faults_are_cleared_by_the_form(hipchat_server: HipChatServer) -> None:
    hipchat_server.fault("unavailable", times=None)

    response = post_form(hipchat_server, "/faults/clear/")

    assert response.status_code == 302
    assert send_v2(hipchat_server).status_code == 204


def test_wrong_fault_is_explained(hipchat_server: HipChatServer) -> None:
    response = post_form(hipchat_server, "/faults/", **{**FAULT, "times": "0"})

    assert response.status_code == 422
    assert "greater than or equal to 1" in response.text


@pytest.mark.parametrize("path", ["/faults/", "/faults/clear/"])
def test_form_of_another_site_is_refused(hipchat_server: HipChatServer, path: str) -> None:
    response = requests.post(f"{hipchat_server.url}{path}", data=FAULT, timeout=SECONDS)

    assert response.status_code == 403
