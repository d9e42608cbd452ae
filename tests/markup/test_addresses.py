"""Addresses that mean something in another service."""

from __future__ import annotations

import pytest

from djhipchat2.markup.addresses import absolute
from djhipchat2.markup.urls import parts_of


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://example.com/a?b=c&d#e", "https://example.com/a?b=c&d#e"),
        (" HTTP://Example.com ", "HTTP://Example.com"),
        ('https://example.com/a b|<c>"`\\', "https://example.com/a%20b%7C%3Cc%3E%22%60%5C"),
        ("https://exa\nmple.com/\u2028x", "https://example.com/%E2%80%A8x"),
        ("https://例え.jp/é", "https://例え.jp/é"),
        ("mailto:ops@example.com", "mailto:ops@example.com"),
        ("mailto:", ""),
        ("https:///path", ""),
        ("https://[::1", ""),
        ("//example.com/", ""),
        ("/path", ""),
        ("java\nscript:alert(1)", ""),
        ("", ""),
    ],
)
def test_an_address_is_absolute_and_safe_or_empty(url: str, wanted: str) -> None:
    assert absolute(url) == wanted


def test_only_the_schemes_that_are_asked_for_count() -> None:
    assert absolute("mailto:ops@example.com", ("http", "https")) == ""


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see http://a.b/c, or (https://d.e/f_g)!", ["http://a.b/c", "https://d.e/f_g"]),
        ("xhttp://a.b http:// https://a.b/<c>", ["https://a.b/"]),
        ("none", []),
    ],
)
def test_addresses_in_a_text_end_before_the_punctuation(text: str, urls: list[str]) -> None:
    parts = list(parts_of(text))

    assert "".join(part for part, _ in parts) == text
    assert [part for part, is_url in parts if is_url] == urls
