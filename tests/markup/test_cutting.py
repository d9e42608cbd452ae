"""Cutting keeps a limit, closes what is open, and falls between words."""

from __future__ import annotations

import time

import pytest

from djhipchat2.markup import matrix_html, mrkdwn, plain, rocketchat
from djhipchat2.markup.cutting import beginning, shortened
from djhipchat2.markup.document import Document, Listing, Paragraph, Preformatted, Text, text_of
from djhipchat2.markup.reading import read
from djhipchat2.markup.units import json_bytes
from djhipchat2.message import Message

NOTE = "… (shortened)"
#: Were the work to grow with the square of a text's length, it would take twenty seconds.
SECONDS = 8


def test_what_fits_is_not_touched() -> None:
    assert plain.render(Document((Paragraph((Text("x" * 100),)),)), limit=100) == "x" * 100


def test_a_limit_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="99 is too small"):
        plain.render(Document((Paragraph((Text("x"),)),)), limit=99)


def test_as_much_as_fits_is_kept() -> None:
    text = plain.render(Document((Paragraph((Text("x" * 500),)),)), limit=200)

    assert text == "x" * (200 - len(NOTE)) + NOTE


def test_a_limit_in_bytes_is_kept() -> None:
    document = Document((Paragraph((Text('"é' * 300),)),))

    text = plain.render(document, limit=200, size=json_bytes)

    assert 190 < json_bytes(text) <= 200


def test_a_picture_or_a_code_that_does_not_fit_whole_goes() -> None:
    html = f"<p>{'a ' * 40}<img src='http://example.com/{'x' * 300}'>b</p>"
    document = read(Message(room_id="Ops", text=html))

    assert mrkdwn.render(document, limit=150).endswith(f"a a {NOTE}")


@pytest.mark.parametrize(
    ("text", "count", "kept"),
    [
        ("some words here", 100, "some words here"),
        ("some words here", 8, "some"),
        ("some words here", 11, "some words"),
        ("some words here", 2, "so"),
        ("x" * 40 + " y", 39, "x" * 39),
        ("e\u0301e\u0301", 3, "e\u0301"),
        ("a👍🏽", 2, "a"),
        ("👩\u200d👩\u200d👧x", 4, ""),
        ("\u0301\u0301\u0301", 2, ""),
    ],
)
def test_a_text_is_cut_between_words_and_never_within_a_letter(
    text: str, count: int, kept: str
) -> None:
    assert beginning(text, count) == kept


def test_the_note_stands_behind_the_last_paragraph_or_below_another_block() -> None:
    paragraph = Document((Paragraph((Text("one two three"),)), Preformatted("lines")))

    assert text_of(shortened(paragraph, 8).blocks) == f"one two{NOTE}"
    assert shortened(paragraph, 16).blocks[1:] == (Preformatted("lin"), Paragraph((Text(NOTE),)))


def test_an_item_that_is_cut_off_leaves_no_marker() -> None:
    items = ((Paragraph((Text("one"),)),), (Paragraph((Text("two"),)),))

    assert shortened(Document((Listing(items),)), 3).blocks[0] == Listing(items[:1])


def test_nothing_but_the_note_fits_where_markup_takes_the_room() -> None:
    document = read(Message(room_id="Ops", text="<table><tr>" + "<td>x" * 50))

    html = matrix_html.render(document, limit=100)

    assert html == NOTE


def test_a_text_of_many_styles_takes_no_more_time_than_its_length_asks_for() -> None:
    document = read(Message(room_id="Ops", text="<b>a</b> " * 1_111))
    began = time.thread_time()

    text = rocketchat.render(document, limit=4_096)

    assert text.endswith(NOTE)
    assert time.thread_time() - began < SECONDS
