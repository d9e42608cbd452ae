"""From a message to a document."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.markup import parsing
from djhipchat2.markup.colors import HEX
from djhipchat2.markup.document import (
    Document,
    Emoticon,
    LineBreak,
    Link,
    Mention,
    Paragraph,
    Preformatted,
    Style,
    Styled,
    Text,
    nodes_in,
    text_of,
)
from djhipchat2.markup.html_reading import DEEPEST
from djhipchat2.markup.reading import read
from djhipchat2.message import Message


def document_of(text: str, **fields: object) -> Document:
    return read(Message(**{"room_id": "Ops", "text": text, **fields}))  # type: ignore[arg-type]


def test_text_stays_text_line_by_line() -> None:
    document = document_of("<b>a</b>\r\n  b\rc\n", message_format="text")

    lines = (Text("<b>a</b>"), LineBreak(), Text("  b"), LineBreak(), Text("c"))
    assert document.blocks == (Paragraph(lines),)


def test_html_is_a_tree_of_styles_in_one_order() -> None:
    document = document_of("<i>a<b>b</b></i>")

    assert document.blocks == (
        Paragraph(
            (
                Styled(Style.ITALIC, (Text("a"),)),
                Styled(Style.BOLD, (Styled(Style.ITALIC, (Text("b"),)),)),
            )
        ),
    )


def test_emoticons_are_those_of_text_messages_alone() -> None:
    in_text = document_of("(success) (hodor)", message_format="text")
    in_html = document_of("(success)")

    assert in_text.blocks == (Paragraph((Emoticon("(success)", "✅"), Text(" (hodor)"))),)
    assert in_html.blocks == (Paragraph((Text("(success)"),)),)


@pytest.mark.parametrize("kind", ["text", "html"])
def test_all_and_here_are_mentions_only_in_messages_that_notify(kind: str) -> None:
    loud = document_of("@All: x, @here.", message_format=kind, notify=True)
    quiet = document_of("@All: x, @here.", message_format=kind)

    assert loud.mentions == {"all", "here"}
    assert quiet.mentions == frozenset()
    assert text_of(quiet.blocks) == "@All: x, @here."


@pytest.mark.parametrize(
    "text", ["mail@all", "@allison", "@all-hands", "@all.example", "x/@all", "@@all", "@here@x"]
)
def test_what_only_begins_like_a_mention_is_none(text: str) -> None:
    assert document_of(text, message_format="text", notify=True).mentions == frozenset()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<script>x</script>", "html"),
        ("<p>&nbsp;</p><pre>&#x200b;</pre>", "html"),
        ("\u200b\x07", "text"),
    ],
)
def test_a_message_that_shows_nothing_says_so(text: str, kind: str) -> None:
    assert text_of(document_of(text, message_format=kind).blocks) == "(empty message)"


def test_deep_html_keeps_its_text_and_loses_what_no_message_means() -> None:
    levels = 1_000
    document = document_of("<p>" * 2 + "<b><i>" * levels + "deep &lt;b&gt;")

    assert text_of(document.blocks) == "deep <b>"
    assert len(list(nodes_in(document.blocks))) < DEEPEST


def test_quotes_and_lists_that_are_too_deep_become_text() -> None:
    document = document_of("<blockquote>" * 200 + "<ul><li>" * 200 + "deep")

    assert text_of(document.blocks) == "deep"


def test_preformatted_text_keeps_its_white_space() -> None:
    document = document_of("<pre>\n  a\n\tb<br>c <img src=x alt=d> <b>e</b>\n</pre>")

    assert document.blocks == (Preformatted("  a\n\tb\nc d e"),)


def test_a_link_around_two_paragraphs_is_a_link_in_each() -> None:
    document = document_of("<a href='http://example.com/'><p>a</p><p>b</p></a>")

    url = "http://example.com/"
    assert document.blocks == (
        Paragraph((Link(url, (Text("a"),)),)),
        Paragraph((Link(url, (Text("b"),)),)),
    )


def test_a_mention_inside_a_style_is_found() -> None:
    document = document_of("a <b>@here b</b>", notify=True)

    assert list(nodes_in(document.blocks))[-2:] == [Mention("here"), Text(" b")]


def test_random_is_a_colour_that_stays_the_same_for_one_message() -> None:
    message = Message(room_id="Ops", text="x", color="random")
    colors = {read(message.with_key(str(number))).color for number in range(100)}

    assert colors == set(HEX)
    assert read(message.with_key("7")).color == read(message.with_key("7")).color


def test_a_document_below_a_heading_names_the_sender() -> None:
    paragraph = document_of("a").headed("Deploy\n bot")
    listing = document_of("<ul><li>a</ul>").headed("Bot")

    bold = Styled(Style.BOLD, (Text("Deploy bot"),))
    assert paragraph.blocks == (Paragraph((bold, LineBreak(), Text("a"))),)
    assert text_of(listing.blocks[:1]) == "Bot"
    assert len(listing.blocks) == 2
    assert document_of("a").headed(" ") == document_of("a")


def test_a_documents_pictures_are_listed() -> None:
    document = document_of("<ul><li><img src=http://example.com/a.png></ul>")

    assert [image.url for image in document.images] == ["http://example.com/a.png"]


def test_html_without_the_libraries_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nh3", None)

    with pytest.raises(ImproperlyConfigured, match=r"pip install 'djhipchat2\[chats\]'"):
        parsing.require_libraries()
    assert text_of(document_of("a", message_format="text").blocks) == "a"


def test_the_libraries_are_loaded_by_html_alone() -> None:
    code = "import djhipchat2.markup.reading, djhipchat2.markup.mrkdwn, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"nh3", "selectolax"} & set(done.stdout.split())
    parsing.require_libraries()
