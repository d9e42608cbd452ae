"""Everybody can use the pages: axe-core finds nothing against WCAG 2.2 AA."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import OpenBrowser
from tests.browser.following import follow
from tests.browser.tour import MESSAGES, ROOMS, pages

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}


def violations_of(page: Any) -> list[str]:
    """Return what axe-core finds on a page."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"runOnly": {"type": "tag", "values": WCAG}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


@pytest.mark.usefixtures("outbox")
@pytest.mark.parametrize("look", sorted(LOOKS))
def test_pages_break_no_rule(open_browser: OpenBrowser, live_server: Any, look: str) -> None:
    page = open_browser(**LOOKS[look])
    found = {}

    for name, open_page in pages(live_server.url).items():
        open_page(page)
        found[name] = violations_of(page)

    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.usefixtures("outbox")
def test_pages_from_right_to_left_break_no_rule(
    open_browser: OpenBrowser, live_server: Any, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "ar"
    page = open_browser()
    found = {}

    for name, open_page in pages(live_server.url).items():
        open_page(page)
        assert page.evaluate("document.documentElement.dir") == "rtl"
        found[name] = violations_of(page)

    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.usefixtures("outbox")
def test_the_keyboard_alone_pauses_a_room(open_browser: OpenBrowser, live_server: Any) -> None:
    page = open_browser()
    page.goto(f"{live_server.url}{ROOMS}")

    def go_to(text: str) -> None:
        """Press Tab until what has the focus says so, in capitals or not."""
        for _ in range(80):
            page.keyboard.press("Tab")
            words = page.evaluate("(e => e.innerText || e.value || e.name)(document.activeElement)")
            if text.lower() in (words or "").lower():
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none"
                return
        raise AssertionError(text)

    go_to("Ops")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")
    go_to("Pause")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pause/**")
    go_to("note")
    page.keyboard.type("too loud")
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/**")

    assert "too loud" in page.inner_text("#content")


@pytest.mark.usefixtures("outbox")
@pytest.mark.parametrize(("motion", "animated"), [("reduce", "none"), ("no-preference", "hipchat")])
def test_nothing_moves_for_who_wants_that(
    open_browser: OpenBrowser, live_server: Any, motion: str, animated: str
) -> None:
    page = open_browser(reduced_motion=motion)

    pages(live_server.url)["transcript"](page)

    name = page.evaluate("getComputedStyle(document.querySelector('.hipchat-line')).animationName")
    assert name.startswith(animated)


@pytest.mark.usefixtures("outbox")
def test_without_scripts_the_pages_work(open_browser: OpenBrowser, live_server: Any) -> None:
    page = open_browser(java_script_enabled=False)

    page.goto(f"{live_server.url}{MESSAGES}?room_id=Ops")
    follow(page, page.locator("#result_list .field-id a").first)
    follow(page, page.get_by_role("link", name="all messages"))
    page.goto(f"{live_server.url}{ROOMS}")
    follow(page, page.get_by_role("link", name="Ops", exact=True))
    follow(page, page.get_by_role("link", name="transcript"))

    assert "Order 10442" in page.inner_text(".hipchat-wall")
