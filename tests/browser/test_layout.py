"""What lies where: nothing over anything else, however wide the window is."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.models import Heartbeat, OutboundMessage
from djhipchat2.states import Status
from tests.browser.conftest import OpenBrowser
from tests.browser.tour import MESSAGES

PARTS = ("#content h1", ".object-tools", ".hipchat-figures", ".hipchat-chart", "#changelist")

#: Where an element is; a heading's own box is as wide as the page.
PLACE = """
(element) => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return (element.matches("h1") ? range : element).getBoundingClientRect().toJSON();
}
"""


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("width", [360, 600, 768, 900, 1024, 1280])
@pytest.mark.usefixtures("outbox")
def test_no_part_of_the_list_lies_over_another(
    open_browser: OpenBrowser, live_server: Any, settings: Any, width: int, language: str
) -> None:
    settings.LANGUAGE_CODE = language
    page = open_browser(viewport={"width": width, "height": 900}, locale=language)

    page.goto(f"{live_server.url}{MESSAGES}")

    boxes = {part: page.locator(part).first.evaluate(PLACE) for part in PARTS}
    assert all(box["width"] and box["height"] for box in boxes.values())
    overlaps = [pair for pair in combinations(PARTS, 2) if _overlap(*(boxes[p] for p in pair))]
    assert overlaps == []


#: Figures whose content is wider than the room within their borders and padding.
TOO_NARROW = """
(figures) => figures.filter((figure) => {
  const range = document.createRange();
  range.selectNodeContents(figure);
  const [inner, outer] = [range.getBoundingClientRect(), figure.getBoundingClientRect()];
  return inner.left < outer.left + 5 || inner.right > outer.right - 5;
}).map((figure) => figure.innerText)
"""


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize("width", [360, 390, 600, 900, 1280])
@pytest.mark.usefixtures("outbox")
def test_each_figure_fits_its_tile(
    open_browser: OpenBrowser, live_server: Any, settings: Any, width: int, language: str
) -> None:
    settings.LANGUAGE_CODE = language
    hours_ago = timezone.now() - timedelta(hours=47)
    OutboundMessage.objects.filter(status=Status.QUEUED).update(created=hours_ago)
    Heartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=59))
    page = open_browser(viewport={"width": width, "height": 900}, locale=language)

    page.goto(f"{live_server.url}{MESSAGES}")

    assert page.locator(".hipchat-figure").count() == 8
    assert page.locator(".hipchat-figure").evaluate_all(TOO_NARROW) == []


def _overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    """Return whether two boxes share more than a border."""
    return all(
        min(one[start] + one[size], other[start] + other[size]) - max(one[start], other[start]) > 2
        for start, size in (("x", "width"), ("y", "height"))
    )
