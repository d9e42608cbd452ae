"""Addresses and forms that somebody has altered are answered, never with a server error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, ROOMS
from tests.admin.test_compose import GIVEN

DIGITS = "9" * 5_000
ODD: dict[str, str | bytes] = {
    "nothing": "",
    "NUL": "a\0b",
    "half of a pair": b"\xed\xa0\x80",
    "broken UTF-8": b"\xff\xfe",
    "negative": "-1",
    "64 bits": str(2**63),
    "5,000 digits": DIGITS,
    "number of 5,000 digits": f"#{DIGITS}",
    "place of 5,000 digits": f"-{DIGITS}",
    "place backwards": f"~{2**64}",
    "other digits": "-\u0663\u00b2",
    "list": "1,2",
    "long": "x" * 10_000,
    "signs": "'\"\\%_{{7}}%(x)s_5F",
    "lines": "a\r\nb",
    "year 0": "0000-01-01T00:00",
    "year 1": "0001-01-01T00:00+14:00",
    "year 9999": "9999-12-31T23:59-12:00",
    "year 10000": "10000-01-01T00:00",
    "no such day": "2026-02-30T24:00+24:00",
}
#: By the page, what its address may carry: ours, Django's, and what neither knows.
FILTERS = ("q", "p", "e", "o", "all", "connection", "room_id", "_changelist_filters", "nope")
PARAMETERS = {
    MESSAGES: (
        *FILTERS,
        *("status__exact", "status__in", "color", "attention", "id__in", "created__gte"),
        *("written", "written_from", "written_to", "written_zone"),
    ),
    f"{MESSAGES}export/": (*FILTERS, "status__exact", "written_from", "written_to"),
    f"{MESSAGES}compose/": ("room_id", "using"),
    f"{MESSAGES}{{row}}/change/": ("_to_field", "_popup", "_changelist_filters"),
    ROOMS: (*FILTERS, "held"),
    f"{ROOMS}names/": ("q",),
    f"{ROOMS}{{room}}/change/": ("_to_field",),
    f"{ROOMS}{{room}}/transcript/": ("p", "since"),
}
#: What follows the number of a row in an address.
TAILS = {
    MESSAGES: ("", "change/", "history/", "frame/", "resend/", "mark-sent/"),
    ROOMS: ("change/", "transcript/", "pause/", "drain/"),
}
#: By where a form is sent to, its fields.
FORMS: dict[str, dict[str, str]] = {
    f"{MESSAGES}act/resend/": {"rows": "1"},
    f"{MESSAGES}export/": {"rows": "1", "format": "csv"},
    f"{MESSAGES}compose/": {**GIVEN, "_send": "1"},
    f"{ROOMS}act/pause/": {"rows": "1", "note": "x"},
    f"{ROOMS}pause/": {"connection": "default", "room_id": "x", "note": "x"},
    MESSAGES: {
        "action": "resend_messages",
        "_selected_action": "1",
        "select_across": "0",
        "index": "0",
    },
    ROOMS: {"action": "pause_rooms", "_selected_action": "1"},
}

Ask = Callable[..., Any]


@pytest.fixture
def ask(admin_client: Client, make_row: MakeRow) -> Ask:
    """Return what asks for a page and reads all of it; a server error is raised."""
    row = make_row("failed", message_format="html")
    room = Room.objects.create(connection="default", room_id="Ops")

    def answered(address: str, data: dict[str, Any] | None = None) -> Any:
        where = address.replace("{row}", str(row.pk)).replace("{room}", str(room.pk))
        response = admin_client.get(where) if data is None else admin_client.post(where, data)
        assert response.status_code < 500
        if response.streaming:
            assert b"".join(response.streaming_content)
        return response

    return answered


@pytest.mark.parametrize("value", ODD.values(), ids=[*ODD])
@pytest.mark.parametrize("page", PARAMETERS)
def test_an_odd_parameter_is_answered(ask: Ask, page: str, value: str | bytes) -> None:
    for name in PARAMETERS[page]:
        ask(f"{page}?{urlencode([(name, '1'), (name, value)])}")


@pytest.mark.parametrize("value", ODD.values(), ids=[*ODD])
def test_an_odd_number_of_a_row_is_answered(ask: Ask, value: str | bytes) -> None:
    for base, tails in TAILS.items():
        for tail in tails:
            ask(f"{base}{quote(value)}/{tail}")
            ask(f"{base}{quote(value)}/{tail}", {})
        ask(f"{base}act/{quote(value)}/", {"rows": "1"})


@pytest.mark.parametrize("value", ODD.values(), ids=[*ODD])
@pytest.mark.parametrize("address", FORMS)
def test_an_odd_field_of_a_form_is_answered(ask: Ask, address: str, value: str | bytes) -> None:
    fields = FORMS[address]

    for name in fields:
        ask(address, {**fields, name: value})


@pytest.mark.parametrize("name", ["room_id", "connection", "status__exact", "written_zone"])
def test_a_filter_with_a_nul_leads_to_the_whole_list(ask: Ask, name: str) -> None:
    response = ask(f"{MESSAGES}?{urlencode({name: 'a' + chr(0)})}")

    assert response["Location"] == f"{MESSAGES}?e=1"
    assert ask(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("written_from", "0001-01-01T00:00+14:00"), ("written_to", "9999-12-31T23:59-12:00")],
)
def test_a_time_at_the_end_of_the_calendar_bounds_nothing(
    ask: Ask, parameter: str, value: str
) -> None:
    response = ask(f"{MESSAGES}?{urlencode({parameter: value})}")

    assert [row.status for row in response.context["cl"].result_list] == ["failed"]


def test_what_is_selected_and_no_number_is_left_out(ask: Ask) -> None:
    (row,) = OutboundMessage.objects.all()

    response = ask(
        MESSAGES, {"action": "resend_messages", "_selected_action": ["x", "", DIGITS, row.pk]}
    )

    assert response.context["numbers"] == str(row.pk)
