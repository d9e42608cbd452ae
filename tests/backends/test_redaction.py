"""No secret is left where people read."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from djhipchat2.backends.redaction import redacted
from tests.backends.conftest import Serve
from tests.backends.raw_server import http
from tests.backends.sending import TOKEN, deliver

SECRETS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*"), min_size=1
)
SPELLINGS = [
    str,
    quote,
    lambda text: quote(text, safe=""),
    lambda text: re.sub("%..", lambda escape: escape[0].lower(), quote(text, safe="")),
    quote_plus,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", r"\/"),
    html.escape,
    lambda text: "".join(f"&#{ord(c)};" for c in text),
    lambda text: "".join(f"&#x{ord(c):04X};" for c in text),
]


@pytest.mark.parametrize(
    ("text", "secrets", "shown"),
    [
        ("token TOK is wrong", ["TOK"], "token *** is wrong"),
        ("TOKTOK", ["TOK"], "******"),
        ("TOK2 and TOK", ["TOK", "TOK2"], "*** and ***"),
        ("nothing here", ["TOK", ""], "nothing here"),
        ("a%2fb a%2Fb a/b a\\/b", ["a/b"], "*** *** *** ***"),
        ("a+b a%20b a b", ["a b"], "*** *** ***"),
        ("", ["TOK"], ""),
        ("TOK", [], "TOK"),
    ],
)
def test_secrets_are_cut_out(text: str, secrets: list[str], shown: str) -> None:
    assert redacted(text, secrets) == shown


@settings(deadline=None)
@given(before=st.text(), secret=SECRETS, after=st.text())
def test_no_secret_is_left(before: str, secret: str, after: str) -> None:
    assert secret not in redacted(before + secret + after, [secret])


@settings(deadline=None)
@given(secret=SECRETS, spelling=st.sampled_from(SPELLINGS))
def test_no_spelling_of_a_secret_is_left(secret: str, spelling: Any) -> None:
    assert redacted(spelling(secret), [secret]) == "***"


@pytest.mark.parametrize("version", [1, 2])
def test_a_token_that_the_server_repeats_is_cut_out(serve: Serve, version: int) -> None:
    token = "t0ken/with+signs="
    body = json.dumps({"error": {"message": f"no such token: {token}"}, "asked": quote(token)})
    server = serve(http("401 Unauthorized", body.encode(), X_Token=token))

    result = deliver(server.url, token=token, api_version=version)

    assert result.error == (
        "HTTP 401: no such token: ***: check HIPCHAT_API_TOKEN, or the option token of the "
        "connection"
    )
    assert result.answer == '{"error": {"message": "no such token: ***"}, "asked": "***"}'


def test_a_token_at_the_cut_of_an_answer_leaves_no_half(serve: Serve) -> None:
    server = serve(http("400 Bad Request", b"x" * 490 + TOKEN.encode()))

    assert deliver(server.url).answer == "x" * 490 + "***"


def test_a_token_in_a_redirect_s_address_is_not_shown(serve: Serve) -> None:
    server = serve(http("302 Found", Location=f"https://{TOKEN}.example.com/{TOKEN}"))

    assert TOKEN.lower() not in repr(deliver(server.url)).lower()
