"""Whatever a message says, each dialect keeps its limit, and what is seen is what was said."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from djhipchat2.markup import adaptivecard, discord, matrix_html, mattermost, telegram
from djhipchat2.markup.document import (
    Code,
    Document,
    Image,
    Listing,
    Quote,
    Style,
    Styled,
    Table,
    nodes_in,
    text_of,
)
from djhipchat2.markup.reading import read
from djhipchat2.message import FORMATS, Message
from tests.markup.golden import DIALECTS, LIMIT, SIZES
from tests.markup.seeing import CODE, STRIKE, in_document, in_markdown, in_xml

UNLIMITED = 10 * LIMIT
MESSAGE_MAX = 10_000

OPENING = ["<b>", "<i>", "<s>", "<u>", "<p>", "<ul>", "<li>", "<pre>", "<code>", "<h1>"]
OPENING += ["<td>", "<th>", "<table>", "<blockquote>"]
OPENING += ["<a href='http://example.com/a_b(c)?d=1&e=*'>", "<a href=javascript:x>", "<ol start=7>"]
OPENING += ["<span style='font-weight:bold;text-decoration:line-through'>", "<tr>", "<div>"]
CLOSING = [f"</{tag[1:].split(' ')[0].rstrip('>')}>" for tag in OPENING]
OTHERS = ["<br>", "<hr>", "<dl><dt>", "<dd>", "<script>x</script>", "<!-- c -->"]
OTHERS += ["<img src=http://example.com/y.png alt='a]b'>"]
SIGNS = [*"*_~`|[]()<>&\\#-+=!'\"{}$", "```", "---", "***", "- ", "1. ", ":smile:", "/me "]
WORDS = ["word", "a", "Z", "é", "漢", "👍🏽", "@all", "@here", "@channel", "(success)"]
BLANKS = [" ", "  ", "\n", "\t", "&nbsp;", "&#x200b;"]
ENTITIES = ["&amp;", "&lt;", "&#42;", "&#7;"]

pieces = st.one_of(
    st.sampled_from(OPENING + CLOSING + OTHERS),
    st.sampled_from(SIGNS + WORDS + BLANKS + ENTITIES),
    st.text(max_size=4),
)
texts = (
    st.lists(pieces, min_size=1, max_size=20)
    .map(lambda parts: "".join(parts).replace("\0", "").encode(errors="ignore").decode())
    .filter(str.strip)
)
dialects = st.sampled_from(list(DIALECTS))
few = settings(max_examples=60, deadline=None)
some = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    kind, loud = draw(st.sampled_from(FORMATS)), draw(st.booleans())
    return Message(room_id="Ops", text=draw(texts), message_format=kind, notify=loud)


@st.composite
def long_messages(draw: st.DrawFn) -> Message:
    text = (draw(texts) * draw(st.integers(1, 300)))[:MESSAGE_MAX]
    return Message(room_id="Ops", text=text, message_format=draw(st.sampled_from(FORMATS)))


def has(document: Document, *kinds: type) -> bool:
    return any(isinstance(node, kinds) for node in nodes_in(document.blocks))


def has_addresses(document: Document) -> bool:
    """Does a text hold an address, which becomes a link whether html said so or not?"""
    return "http" in text_of(document.blocks)


def is_underlined(document: Document) -> bool:
    nodes = nodes_in(document.blocks)
    return any(isinstance(node, Styled) and node.style is Style.UNDERLINE for node in nodes)


@few
@given(message=long_messages(), limit=st.integers(100, 400), dialect=dialects)
def test_each_dialect_keeps_the_limit_and_says_something(
    message: Message, limit: int, dialect: str
) -> None:
    text = DIALECTS[dialect].render(read(message), limit=limit)

    assert SIZES[dialect](text) <= limit
    assert text.strip()


@few
@given(message=long_messages(), limit=st.integers(100, 400))
def test_html_that_is_cut_closes_what_it_opened(message: Message, limit: int) -> None:
    document = read(message)

    assert in_xml(matrix_html.render(document, limit=limit))
    assert in_xml(telegram.render(document, limit=limit))


@some
@given(message=messages())
@example(message=Message(room_id="Ops", text="a <img src=http://example.com/y.png alt='a]b'>"))
@example(message=Message(room_id="Ops", text="<code>a</code> <pre>b</pre>"))
def test_mattermost_shows_each_character_as_it_stood_out(message: Message) -> None:
    document = read(message)
    assume(not has_addresses(document))

    text = mattermost.render(document, limit=UNLIMITED)

    assert in_markdown(text) == in_document(document)


@some
@given(message=messages())
def test_an_adaptive_card_shows_each_character_as_it_stood_out(message: Message) -> None:
    document = read(message)
    assume(not has_addresses(document) and not has(document, Table, Quote, Image))

    text = adaptivecard.render(document, limit=UNLIMITED)

    assert in_markdown(text) == in_document(document, without=frozenset({CODE, STRIKE}))


@some
@given(message=messages())
def test_discord_shows_each_character(message: Message) -> None:
    document = read(message)
    # CommonMark reads Discord's "__", lists, fences and the sign in a "~~a~b~~" otherwise.
    assume(not has_addresses(document) and not has(document, Table, Quote, Image, Listing))
    assume(not is_underlined(document) and "```" not in message.text and not message.notify)

    text = discord.render(document, limit=UNLIMITED)

    shown = "".join(character for character, _ in in_markdown(text))
    assert shown == "".join(character for character, _ in in_document(document))


@some
@given(message=messages())
@example(message=Message(room_id="Ops", text="<code>a</code>"))
def test_matrix_shows_each_character_as_it_stood_out(message: Message) -> None:
    document = read(message)
    assume(not document.mentions and not has(document, Image))

    html = matrix_html.render(document, limit=UNLIMITED)

    assert in_xml(html) == in_document(document)


@some
@given(message=messages())
def test_telegram_shows_each_character_as_it_stood_out(message: Message) -> None:
    document = read(message)
    assume(not has(document, Listing, Table, Image, Code))

    html = telegram.render(document, limit=UNLIMITED)

    assert in_xml(html) == in_document(document)
