"""Whose zone the times of a page are in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.admin.rendering import clock_element, sentence, time_element
from djhipchat2.delivery.explain import explanation
from djhipchat2.models import OutboundMessage

MOMENT = datetime(2026, 1, 15, 23, 30, 5, tzinfo=UTC)


def test_a_time_in_the_sites_zone_may_be_shown_in_the_browsers() -> None:
    element = time_element(MOMENT)

    assert 'datetime="2026-01-15T23:30:05+00:00"' in element
    assert 'title="2026-01-15 23:30:05 UTC" data-hipchat-zone="site"' in element


def test_a_zone_that_the_project_has_chosen_stays() -> None:
    with timezone.override("Asia/Tokyo"):
        element = time_element(MOMENT, "a minute ago")

    assert 'title="2026-01-16 08:30:05 JST" data-hipchat-zone="chosen">a minute ago<' in element


def test_a_time_without_a_zone_is_nobodys_but_the_sites(settings: Any) -> None:
    settings.USE_TZ = False

    assert 'data-hipchat-zone="chosen"' in time_element(MOMENT.replace(tzinfo=None))


def test_the_hour_of_a_time_is_one_for_the_browser_too() -> None:
    element = clock_element(MOMENT)

    assert 'title="2026-01-15 23:30:05 UTC" data-hipchat-zone="site">23:30<' in element


def test_the_time_that_a_sentence_names_is_one_for_the_browser() -> None:
    until = datetime(2026, 1, 16, tzinfo=UTC)
    row = OutboundMessage(status="queued", next_attempt_at=until, error="<b> & 2026", attempts=1)

    told = sentence(explanation(row, None, MOMENT))

    assert told == (
        f"Waits until {time_element(until)} because its last attempt failed "
        "(1 used up): &lt;b&gt; &amp; 2026"
    )


def test_a_sentence_without_a_time_is_only_escaped() -> None:
    row = OutboundMessage(status="queued", held=True, error="<b>")

    told = sentence(explanation(row, None, MOMENT))

    assert told.endswith("Its last attempt failed: &lt;b&gt;")
    assert "<time" not in told


@pytest.mark.parametrize("text", ["<b>", "a & b"])
def test_what_stands_for_a_time_is_escaped(text: str) -> None:
    assert text not in time_element(MOMENT, text)
