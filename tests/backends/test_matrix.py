"""Matrix: an event is sent once, and what is in it."""

from __future__ import annotations

import json

import pytest

from djhipchat2.backends.matrix import HTML_BYTES, TEXT_BYTES, content_of_event
from djhipchat2.markup.units import json_bytes
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.homeserver import (
    LOOK,
    PLAIN,
    ROOM,
    SEND,
    SENT,
    TOKEN,
    asked,
    backend_for,
    delivered,
    to,
)
from tests.backends.sending import a_message


def test_a_message_to_a_room_id_is_an_event_with_the_rows_key(serve: Serve) -> None:
    server = serve(PLAIN, SENT)

    result = delivered(server)

    assert (result.outcome, result.error, result.http_status) == (Outcome.ACCEPTED, "", 200)
    assert asked(server) == [LOOK, SEND]
    assert {request.headers["authorization"] for request in server.requests} == {f"Bearer {TOKEN}"}


def test_a_message_without_a_key_gets_one_of_its_own(serve: Serve) -> None:
    server = serve(PLAIN, SENT)
    backend = backend_for(server)

    backend.deliver(a_message(room_id=ROOM))
    backend.deliver(a_message(room_id=ROOM))
    backend.close()

    first, second = asked(server)[1:]
    assert first != second


def test_an_event_says_the_same_in_html_and_in_text() -> None:
    content = content_of_event(
        to(text="<b>Deployed</b> & <i>done</i>", color="green", sender="Deploy")
    )

    assert content == {
        "msgtype": "m.notice",
        "body": "🟢 Deploy\nDeployed & done",
        "format": "org.matrix.custom.html",
        "formatted_body": '<span data-mx-color="#14892c">🟢</span> <strong>Deploy</strong><br>'
        "<strong>Deployed</strong> &amp; <em>done</em>",
        "m.mentions": {},
    }


def test_a_message_that_notifies_rings_and_names_everybody_only_if_it_says_so() -> None:
    loud = content_of_event(to(text="down", notify=True))
    everybody = content_of_event(to(text="@all down", notify=True))
    quiet = content_of_event(to(text="@all down"))

    assert (loud["msgtype"], loud["m.mentions"]) == ("m.text", {})
    assert (everybody["msgtype"], everybody["m.mentions"]) == ("m.text", {"room": True})
    assert (quiet["msgtype"], quiet["m.mentions"]) == ("m.notice", {})


@pytest.mark.parametrize("text", ["漢" * 10_000, "&" * 10_000, "👍\n" * 5_000, '"<' * 5_000])
def test_the_longest_message_fits_into_an_event(text: str) -> None:
    content = content_of_event(to(text=text, message_format="text"))

    assert json_bytes(content["body"]) <= TEXT_BYTES
    assert json_bytes(content["formatted_body"]) <= HTML_BYTES
    assert len(json.dumps(content, ensure_ascii=False).encode()) < 61_000


def test_a_card_is_shown_in_place_of_the_text() -> None:
    card = {"style": "link", "id": 1, "title": "Order 4711", "url": "https://shop.example.com/"}
    content = content_of_event(to(card=card))

    assert content["body"] == "Django\nOrder 4711 (https://shop.example.com/)"
