"""Apprise: a message in each service's format, within the service's limit."""

from __future__ import annotations

import pytest

from djhipchat2.backends.apprise import body_of
from tests.backends.apprise_sending import address, deliver
from tests.backends.conftest import Serve
from tests.backends.corpus import CARD
from tests.backends.raw_server import http
from tests.backends.sending import a_message


def test_a_long_text_is_cut_and_not_split(serve: Serve) -> None:
    server = serve(http())

    deliver(address(server, "mmost", "?overflow=split"), a_message(text="word " * 1_990))

    (request,) = server.requests
    assert request.json["text"].endswith("… (shortened)")
    assert len(request.json["text"]) <= 4_000


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text", "🔴 Django\na < b (https://example.com/?a=1&b=2)"),
        ("markdown", "**🔴 Django**\n[a \\< b](https://example.com/?a=1&b=2)"),
        ("html", "🔴 Django<br/>a &lt; b (https://example.com/?a=1&amp;b=2)"),
    ],
)
def test_a_message_is_in_the_service_s_format(kind: str, body: str) -> None:
    message = a_message(text="<a href='https://example.com/?a=1&b=2'>a &lt; b</a>", color="red")

    assert body_of(message, kind, 1_000) == body


@pytest.mark.parametrize("kind", ["text", "markdown", "html"])
@pytest.mark.parametrize("limit", [100, 500, 4_000])
def test_a_body_keeps_the_service_s_limit(kind: str, limit: int) -> None:
    for values in (
        {"text": "<&>\n" * 2_000, "message_format": "text"},
        {"text": "x", "card": CARD},
    ):
        body = body_of(a_message(**values), kind, limit)

        assert 1 <= len(body) <= limit
