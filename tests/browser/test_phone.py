"""On a phone: nothing lies beyond the edge, and what can be filled in or pressed can be seen."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import pytest

from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.browser.conftest import OpenBrowser
from tests.browser.following import follow
from tests.browser.tour import MESSAGES, ROOMS, pages
from tests.processes import ROOT, environment

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    # What django-unfold is made of runs under no policy worth the name.
    "bypass_csp": True,
}
#: Theme, language and colours.
LOOKS = [
    ("django", "en", "light"),
    ("django", "en", "dark"),
    ("django", "de", "light"),
    ("django", "ar", "light"),
    ("unfold", "en", "light"),
    ("unfold", "en", "dark"),
    ("unfold", "ar", "light"),
]
#: A contrast below which nobody sees a difference.
SEEN = 1.15

#: Controls whose edge, and whose ground, hardly differ from the ground that they stand on.
UNSEEN = """
(controls, seen) => {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const paint = (...colors) => {
    for (const color of ["white", ...colors]) {
      pen.fillStyle = color;
      pen.fillRect(0, 0, 1, 1);
    }
    const [red, green, blue] = [...pen.getImageData(0, 0, 1, 1).data].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  const grounds = (element) =>
    element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : [];

  return controls.filter((control) => {
    const style = getComputedStyle(control);
    if (!control.checkVisibility({ visibilityProperty: true })) return false;
    if (["checkbox", "radio"].includes(control.type) && style.appearance !== "none") return false;
    const around = grounds(control.parentElement);
    const beside = paint(...around);
    const hasEdge = style.borderBottomStyle !== "none" && parseFloat(style.borderBottomWidth) > 0;
    const edge = hasEdge ? contrast(paint(...around, style.borderBottomColor), beside) : 1;
    const ground = contrast(paint(...around, style.backgroundColor), beside);
    return Math.max(edge, ground) < seen;
  }).map((control) => control.outerHTML);
}
"""
#: Elements whose text is cut off.
CUT_OFF = """
(elements) => elements.filter(
  (element) =>
    getComputedStyle(element).overflowX === "hidden" && element.scrollWidth > element.clientWidth
).map((element) => element.innerText)
"""
CONTROLS = "#content :is(input:not([type=hidden]), select, textarea, button, a.button)"

OpenSite = Callable[[str, str], str]


def unseen_controls(page: Any) -> list[str]:
    """Return the controls of a page that cannot be told from what is around them."""
    found: list[str] = page.locator(CONTROLS).evaluate_all(UNSEEN, SEEN)
    return found


def pixels_beyond_the_edge(page: Any) -> int:
    pixels: int = page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    return pixels


@contextmanager
def unfold_site(language: str) -> Iterator[str]:
    """Serve the admin with django-unfold in a process of its own; yield the address."""
    env = environment("http://127.0.0.1:9", HIPCHAT_TEST_THEME="unfold")
    command = [sys.executable, "-m", "tests.browser.themed_site", language]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        # It ends when its input does, with this block.
        yield process.stdout.readline().strip()


@pytest.fixture(scope="session")
def unfold_sites() -> Iterator[Callable[[str], str]]:
    """The addresses of sites with django-unfold, by language, each started when asked for."""
    with ExitStack() as sites:
        yield cache(lambda language: sites.enter_context(unfold_site(language)))


@pytest.fixture
def open_site(
    live_server: Any, settings: Any, unfold_sites: Callable[[str], str], outbox: None
) -> OpenSite:
    """Return the address of a site with a theme, in a language."""

    def address(theme: str, language: str = "en") -> str:
        if theme == "unfold":
            return unfold_sites(language)
        settings.LANGUAGE_CODE = language
        found: str = live_server.url
        return found

    return address


def each_status(address: str) -> dict[str, Callable[[Any], Any]]:
    """Return what opens the page of a message in each status."""
    newest = {status: OutboundMessage.objects.filter(status=status).last() for status in Status}
    return {
        f"message-{status}": lambda page, row=row: page.goto(f"{address}{MESSAGES}{row.pk}/change/")
        for status, row in newest.items()
        if row is not None
    }


@pytest.mark.parametrize(("theme", "language", "colors"), LOOKS)
def test_no_page_is_wider_than_a_phone_and_each_control_is_seen(
    open_browser: OpenBrowser, open_site: OpenSite, theme: str, language: str, colors: str
) -> None:
    site = open_site(theme, language)
    page = open_browser(**PHONE, color_scheme=colors)
    wide, unseen = {}, {}

    for name, open_page in {**pages(site, until="load"), **each_status(site)}.items():
        open_page(page)
        wide[name], unseen[name] = pixels_beyond_the_edge(page), unseen_controls(page)

    assert {name: pixels for name, pixels in wide.items() if pixels > 0} == {}
    assert {name: controls for name, controls in unseen.items() if controls} == {}


@pytest.mark.parametrize("theme", ["django", "unfold"])
@pytest.mark.parametrize(
    ("path", "action", "said"),
    [
        (f"{MESSAGES}?status__exact=failed", "resend_messages", "written once more"),
        (ROOMS, "pause_rooms", "Nothing more is sent there"),
    ],
)
def test_an_action_is_run_from_a_list(
    open_browser: OpenBrowser, open_site: OpenSite, theme: str, path: str, action: str, said: str
) -> None:
    page = open_browser(**PHONE)
    page.goto(f"{open_site(theme)}{path}")

    page.locator("input.action-select").last.check()
    page.select_option("select[name=action]", action)
    assert unseen_controls(page) == []
    assert pixels_beyond_the_edge(page) == 0
    follow(page, page.locator("button[name=index]"))

    assert said in page.inner_text("#content")


def test_the_filters_of_a_theme_can_be_filled_in(
    open_browser: OpenBrowser, open_site: OpenSite
) -> None:
    page = open_browser(**PHONE)
    page.goto(f"{open_site('unfold')}{MESSAGES}")

    page.locator("a", has_text="Filters").first.click()
    page.get_by_label("Name").fill("Deploys")
    assert unseen_controls(page) == []
    page.get_by_role("button", name="Show").first.click()

    page.wait_for_url("**room_id=Deploys**")


@pytest.mark.parametrize("path", [MESSAGES, ROOMS])
def test_the_title_has_room_beside_the_buttons_of_a_theme(
    open_browser: OpenBrowser, open_site: OpenSite, path: str
) -> None:
    page = open_browser(**PHONE)

    page.goto(f"{open_site('unfold')}{path}")

    assert page.locator("#header-inner h1 *").evaluate_all(CUT_OFF) == []
    # How many there are is not counted, so a theme has nothing to say about it.
    assert "result" not in page.inner_text("#header-inner h1")


@pytest.mark.parametrize("theme", ["django", "unfold"])
@pytest.mark.parametrize(("path", "column"), [(MESSAGES, "Status"), (ROOMS, "Queue")])
def test_rows_are_cards_and_still_those_of_a_table(
    open_browser: OpenBrowser, open_site: OpenSite, theme: str, path: str, column: str
) -> None:
    page = open_browser(**PHONE)

    page.goto(f"{open_site(theme)}{path}")

    table = page.get_by_role("table").and_(page.locator("#result_list"))
    first = table.get_by_role("row").nth(1)
    assert first.evaluate("row => getComputedStyle(row).display") == "flex"
    frame = table.locator("..")
    assert frame.evaluate("frame => frame.scrollWidth - frame.clientWidth") == 0
    assert table.get_by_role("columnheader", name=column).count() == 1
    assert first.get_by_role("rowheader").count() == 1
    assert first.get_by_role("cell").count() == table.get_by_role("columnheader").count() - 1


@pytest.mark.parametrize(("width", "display"), [(820, "flex"), (1280, "table-row")])
def test_rows_are_cards_where_filters_leave_the_list_no_more_room(
    open_browser: OpenBrowser, open_site: OpenSite, width: int, display: str
) -> None:
    page = open_browser(viewport={"width": width, "height": 900})

    page.goto(f"{open_site('django')}{MESSAGES}")

    first = page.locator("#result_list tbody tr").first
    assert first.evaluate("row => getComputedStyle(row).display") == display
