from __future__ import annotations

import html
import importlib
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from djhipchat2.admin import preview
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import MESSAGES, page_of, words
from tests.admin.test_escaping import ATTACKS


def frame_of(row: Any) -> str:
    return f"{MESSAGES}{row.pk}/frame/"


def test_html_is_shown_in_a_frame_without_rights(admin_client: Client, make_row: MakeRow) -> None:
    row = make_row(message="<b>bold</b>")

    page = admin_client.get(page_of(row)).content.decode()

    assert f'src="{frame_of(row)}"' in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "<b>bold</b>" not in page


def test_the_frame_forbids_all_but_its_style(admin_client: Client, make_row: MakeRow) -> None:
    response = admin_client.get(frame_of(make_row(message="<b>bold</b>")))

    policy = response["Content-Security-Policy"]
    assert policy == (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        "style-src http://testserver; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
    )
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert b"<b>bold</b></body>" in response.content


def test_the_style_may_come_from_a_host_of_its_own(
    admin_client: Client, make_row: MakeRow, settings: Any
) -> None:
    settings.STATIC_URL = "https://static.example.test/"

    response = admin_client.get(frame_of(make_row()))

    assert "style-src https://static.example.test;" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ('<b>x</b><script>alert("1")</script>', "<b>x</b>"),
        ('<img src="https://i.test/x" alt="cat" onerror="y()">', '<img alt="cat">'),
        ('<a href="javascript:y()">x</a>', ">x</a>"),
        ('<a href="https://x.test" onclick="y">x</a>', 'href="https://x.test" target="_blank"'),
        ("<iframe src=//evil.test></iframe>x<form><input></form>", "x"),
        ('<span style="color:red">x</span>', "<span>x</span>"),
        ("<table><tr><td colspan=2>x</td></tr></table>", '<td colspan="2">x</td>'),
    ],
)
def test_what_is_harmless_passes(source: str, shown: str) -> None:
    clean = preview.as_html(source)

    assert shown in clean
    for word in ("script", "onerror", "onclick", "iframe", "form", "style=", "src="):
        assert word not in clean


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_inert_in_the_frame(
    admin_client: Client, make_row: MakeRow, attack: str
) -> None:
    page = admin_client.get(frame_of(make_row(message=attack))).content.decode()

    body = page.split("<body", 1)[1]
    for word in ("<script", "<img src", "<svg", "<style", "<iframe", "javascript:", " onfocus="):
        assert word not in body.replace("' autofocus onfocus=pwned() '", "")


def test_text_is_shown_with_links_and_line_breaks(admin_client: Client, make_row: MakeRow) -> None:
    row = make_row(message="see https://x.test/a?b=1&c=2\n<b>", message_format="text")

    page = admin_client.get(page_of(row)).content.decode()

    assert '<a href="https://x.test/a?b=1&amp;c=2" rel="nofollow">' in page
    assert "</a><br>&lt;b&gt;</p>" in page
    assert "<iframe" not in page


def test_without_the_sanitizer_the_source_is_shown_with_a_hint(
    admin_client: Client, make_row: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "nh3", None)
    row = make_row(message="<b>bold</b>")

    response = admin_client.get(page_of(row))

    assert html.escape("<b>bold</b>") in response.content.decode()
    assert "pip install 'djhipchat2[admin]'" in words(response)
    assert admin_client.get(frame_of(row)).status_code == 404


def test_the_sanitizer_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nh3", None)
    try:
        importlib.reload(preview)
        assert not preview.can_show_html()
    finally:
        monkeypatch.undo()
        importlib.reload(preview)
    assert preview.can_show_html()


def test_a_frame_is_as_high_as_its_text() -> None:
    heights = [preview.height(text) for text in ("x", "x" * 300, "x<br>" * 10, "x<br>" * 500)]

    assert heights == sorted(heights)
    assert heights[0] == 44
    assert heights[-1] == (24 + 1) * 22


def test_the_frame_of_a_message_that_is_gone(admin_client: Client) -> None:
    assert admin_client.get(f"{MESSAGES}7/frame/").status_code == 404


def test_who_may_not_see_messages_sees_no_frame(log_in: LogIn, make_row: MakeRow) -> None:
    row = make_row()

    assert log_in("view_room").get(frame_of(row)).status_code == 403


def test_the_frame_keeps_to_a_strict_content_security_policy(
    admin_client: Client, make_row: MakeRow, no_inline_code: Callable[[Any], None]
) -> None:
    no_inline_code(admin_client.get(frame_of(make_row(message="<b style='x'>y</b>"))))
