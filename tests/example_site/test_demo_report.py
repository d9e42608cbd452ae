"""The demo's table, and its judgement of rows and arrivals."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2 import send_message
from tests.example_site.conftest import EXAMPLE_SITE

pytestmark = pytest.mark.once


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The demo's judgement of rows and arrivals."""
    monkeypatch.syspath_prepend(str(EXAMPLE_SITE))
    from demo_run import report

    return report


ARRIVED = {
    "room": "Ops",
    "from": "Django",
    "message": "Hello",
    "message_format": "html",
    "color_asked": "yellow",
    "notify": False,
}


LINES = [
    ("1", "Ops", "Deploy", "<b>Deployed</b> version 2.0", "send_message()", "sent", "1", ""),
    ("2", "Ops", "Cron", "Hello", "manage.py hipchat", "sent", "2", "attempt 1: HTTP 503: Busy"),
]


def test_a_wide_terminal_has_a_column_for_errors(
    report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")

    assert report.table(LINES)[2:] == [
        "1   Ops   Deploy  <b>Deployed</b> version 2…  send_message()     sent    1",
        "2   Ops   Cron    Hello                       manage.py hipchat  sent    2         "
        "attempt 1: HTTP 503: Busy",
    ]


def test_a_narrow_terminal_has_errors_below_their_rows(
    report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    table = report.table(LINES)

    assert table[2:] == [
        "1   Ops   Deploy  <b>Deployed</b> versio…  send_message()     sent    1",
        "2   Ops   Cron    Hello                    manage.py hipchat  sent    2",
        "    attempt 1: HTTP 503: Busy",
    ]
    assert max(map(len, table)) == 78  # and the two that say() puts before it


@pytest.mark.django_db
def test_a_message_that_arrived_once_is_no_problem(report: Any) -> None:
    send_message("Ops", "Hello")

    assert report.problems(["Hello"], [ARRIVED]) == []


@pytest.mark.django_db
def test_a_message_that_arrived_twice_is_a_problem(report: Any) -> None:
    row = send_message("Ops", "Hello")

    assert report.problems(["Hello"], [ARRIVED, ARRIVED]) == [
        f"Message {row.pk} arrived 2 times and is sent."
    ]


@pytest.mark.django_db
def test_a_message_that_arrived_changed_is_a_problem(report: Any) -> None:
    row = send_message("Ops", "Hello")

    assert report.problems(["Hello"], [{**ARRIVED, "color_asked": "red"}]) == [
        f"Message {row.pk} arrived 0 times and is sent.",
        "'Hello' arrived 1 times and has no row.",
    ]


@pytest.mark.django_db
def test_a_text_without_a_row_is_a_problem(report: Any) -> None:
    assert report.problems(["Hello"], []) == ["'Hello' has 0 rows, not one."]
