"""The one line that lists show of a message."""

from __future__ import annotations

import pytest

from djhipchat2.admin.gist import EXCERPT_CHARACTERS, READ_CHARACTERS, gist


@pytest.mark.parametrize(
    ("html", "line"),
    [
        ("<b>green</b>.", "green."),
        ("build <b>4711</b> is <i>gre</i>en", "build 4711 is green"),
        ("one<br>two<br/>three", "one two three"),
        ("<p>one</p><p>two</p>", "one two"),
        ("<ul><li>one</li><li>two</li></ul>three", "one two three"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("look:<img src=x>here", "look: here"),
        ("a &lt;b&gt; &amp; c&nbsp;d &#228;", "a <b> & c d ä"),
        ('<a href="https://example.org/?a=1&b=2">the log</a>', "the log"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("a <!-- not this --> b", "a b"),
        ("<script>alert(1)</script>read", "read"),
        ("<style>b { color: red }</style>read", "read"),
        ("</script>read", "read"),
        ("a\n\n  b", "a b"),
        ("cut <b", "cut"),
        ("<b><i>deep</b></i>", "deep"),
        ("", ""),
    ],
)
def test_markup_is_left_out_and_words_stay_apart(html: str, line: str) -> None:
    assert gist(html, "html") == line


@pytest.mark.parametrize("html", ["<img src=x>", "<b></b>", "<", "<<<", "<!-- a -->"])
def test_what_has_no_words_is_shown_as_it_was_written(html: str) -> None:
    assert gist(html, "html") == html


def test_a_text_is_shown_as_it_is() -> None:
    assert gist("1 <b>2</b> &amp;\n3", "text") == "1 <b>2</b> &amp; 3"


@pytest.mark.parametrize("message_format", ["html", "text"])
def test_a_long_message_is_cut(message_format: str) -> None:
    line = gist("word " * 2_000, message_format)

    assert len(line) == EXCERPT_CHARACTERS
    assert line.endswith("…")


def test_a_tag_that_is_cut_off_does_not_show() -> None:
    html = "word " + " " * (READ_CHARACTERS - 10) + '<a href="https://example.org/">link</a>'

    assert gist(html, "html") == "word"


def test_nothing_is_raised_for_broken_markup() -> None:
    for html in ("<![CDATA[x", "<?php x", "<!DOCTYPE", "&#xffffffff;", "<a b='c", "<" * 5_000):
        assert isinstance(gist(html, "html"), str)
