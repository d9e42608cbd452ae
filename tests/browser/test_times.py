"""Times are the reader's own: in the browser's zone, unless the project has chosen one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from djhipchat2.admin import rendering
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import Status
from tests.browser.conftest import OpenBrowser
from tests.browser.following import follow
from tests.browser.tour import MESSAGES, ROOMS

NEW_YORK = ZoneInfo("America/New_York")
FORM = "%Y-%m-%d %H:%M:%S"


def in_new_york(moment: datetime) -> str:
    return moment.astimezone(NEW_YORK).strftime(FORM)


@pytest.fixture
def page(open_browser: OpenBrowser) -> Any:
    return open_browser(timezone_id="America/New_York")


@pytest.mark.usefixtures("outbox")
def test_the_exact_time_of_the_list_is_in_the_browsers_zone(page: Any, live_server: Any) -> None:
    newest = OutboundMessage.objects.latest("pk")

    page.goto(f"{live_server.url}{MESSAGES}{newest.pk}/change/")

    titles = page.locator("time").evaluate_all("times => times.map(time => time.title)")
    assert in_new_york(newest.created) in {title[:19] for title in titles}
    assert all(re.fullmatch(r"[-0-9]{10} [:0-9]{8} E[DS]T", title) for title in titles)


@pytest.mark.usefixtures("outbox")
def test_a_time_that_is_written_out_is_in_the_browsers_zone(page: Any, live_server: Any) -> None:
    attempt = DeliveryAttempt.objects.filter(message__attempts=3).latest("pk")

    page.goto(f"{live_server.url}{MESSAGES}{attempt.message_id}/change/")

    assert in_new_york(attempt.started_at) in page.inner_text(".hipchat-timeline")


@pytest.mark.usefixtures("outbox")
def test_the_time_in_a_sentence_is_in_the_browsers_zone(page: Any, live_server: Any) -> None:
    sent = OutboundMessage.objects.filter(status=Status.SENT).latest("pk")

    page.goto(f"{live_server.url}{MESSAGES}{sent.pk}/change/")

    assert f"Sent at {in_new_york(sent.finished_at)} E" in page.inner_text(".hipchat-why")


@pytest.mark.usefixtures("outbox")
def test_the_hours_of_the_chart_are_in_the_browsers_zone(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{MESSAGES}")
    page.locator(".hipchat-chart summary").click()

    hours = page.locator(".hipchat-chart tbody time").all()
    assert len(hours) == 24
    for hour in hours:
        start = datetime.fromisoformat(hour.get_attribute("datetime"))
        assert hour.inner_text() == in_new_york(start)[11:16]


@pytest.mark.usefixtures("outbox")
def test_days_and_typed_times_are_in_the_browsers_zone(page: Any, live_server: Any) -> None:
    page.goto(f"{live_server.url}{MESSAGES}")
    hour_ago = datetime.now(NEW_YORK) - timedelta(hours=1)

    page.get_by_label("From", exact=True).fill(hour_ago.strftime("%Y-%m-%dT%H:%M"))
    follow(page, page.get_by_role("button", name="Show").last)

    assert "written_zone=America%2FNew_York" in page.url
    assert "Time zone: America/New_York" in page.inner_text("#changelist-filter")
    assert page.get_by_label("From", exact=True).input_value() == hour_ago.strftime(
        "%Y-%m-%dT%H:%M"
    )
    recent = OutboundMessage.objects.filter(created__gte=hour_ago.replace(second=0, microsecond=0))
    assert page.locator("#result_list tbody tr").count() == recent.count() > 0

    follow(page, page.get_by_role("link", name="Today"))

    assert "written=today&written_zone=America%2FNew_York" in page.url


@pytest.mark.usefixtures("outbox")
def test_without_a_script_times_are_in_the_sites_zone_and_say_so(
    open_browser: OpenBrowser, live_server: Any
) -> None:
    page = open_browser(timezone_id="America/New_York", java_script_enabled=False)

    page.goto(f"{live_server.url}{MESSAGES}")

    assert page.locator("time").first.get_attribute("title").endswith(" UTC")


@pytest.mark.usefixtures("outbox")
def test_a_transcript_keeps_its_lines_when_it_looks_again(page: Any, live_server: Any) -> None:
    room = Room.objects.get(room_id="Ops")
    page.goto(f"{live_server.url}{ROOMS}{room.pk}/transcript/")
    line = page.locator(".hipchat-line").last
    line.evaluate("line => { line.isTheSame = true; }")

    with page.expect_response(lambda response: "since=" in response.url):
        pass
    page.wait_for_function("() => document.querySelector('.hipchat-line')")

    assert line.evaluate("line => line.isTheSame === true")
    assert re.search(r" E[DS]T$", line.locator("time").first.get_attribute("title"))


@pytest.mark.usefixtures("outbox")
def test_a_zone_that_the_project_has_chosen_is_left_alone(
    page: Any, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "zone_kind", lambda moment: "chosen")

    page.goto(f"{live_server.url}{MESSAGES}")

    assert page.locator("time").first.get_attribute("title").endswith(" UTC")
