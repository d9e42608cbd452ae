"""The page that asks before an action of the list acts, and what its button acts on."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from djhipchat2.admin import act_views
from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import MakeRow
from tests.admin.pages import MESSAGES, confirm, said, words


def test_a_get_does_not_act(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")

    operator.get(MESSAGES, {"action": "resend_messages", "_selected_action": [row.pk]})

    assert OutboundMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("action", "status", "other"),
    [
        ("resend_messages", "failed", "queued"),
        ("cancel_messages", "queued", "sent"),
        ("retry_messages", "queued", "sent"),
    ],
)
def test_of_too_many_rows_the_oldest_that_can_be_acted_on_are(
    operator: Client,
    make_row: MakeRow,
    monkeypatch: pytest.MonkeyPatch,
    action: str,
    status: str,
    other: str,
) -> None:
    monkeypatch.setattr(act_views, "MOST", 2)
    rows = [make_row(kind) for kind in (other, status, status, status)]

    data = {"action": action, "_selected_action": [rows[0].pk], "select_across": "1"}
    asked = operator.post(MESSAGES, data)
    confirm(operator, asked)

    assert "these are the oldest 2. Repeat the action for the next ones." in words(asked)
    done = LogEntry.objects.values_list("object_id", flat=True)
    assert {str(row.pk) for row in rows} & set(done) == {str(rows[1].pk), str(rows[2].pk)}


def test_the_page_that_asks_says_what_will_happen(operator: Client, make_row: MakeRow) -> None:
    Room.objects.create(connection="default", room_id="Ops", hold_reason="paused")
    Room.objects.create(connection="default", room_id="Dev")
    rows = [make_row("failed", message=f"text {number}") for number in range(11)]
    rows.append(make_row("failed", room_id="Dev"))
    rows.append(make_row("queued"))

    data = {"action": "resend_messages", "_selected_action": [row.pk for row in rows]}
    text = words(operator.post(MESSAGES, data))

    assert "12 messages will be written once more, as copies with fresh attempts" in text
    assert f"1 is left alone: still queued (message {rows[-1].pk})." in text
    assert "Ops : 11 ‖ on hold Dev : 1 Messages" in text
    assert f"{rows[9].pk}: Ops , text 9 and 2 more" in text
    assert OutboundMessage.objects.count() == 13


@pytest.mark.parametrize(
    ("action", "status", "button"),
    [("cancel_messages", "queued", "Yes, cancel"), ("resend_messages", "failed", "Resend")],
)
def test_the_button_says_what_is_done_and_the_link_beside_it_that_nothing_is(
    operator: Client, make_row: MakeRow, action: str, status: str, button: str
) -> None:
    data = {"action": action, "_selected_action": [make_row(status).pk]}
    page = operator.post(MESSAGES, data).content.decode()

    assert f'<input type="submit" value="{button}">' in page
    assert 'class="button">No, take me back</a>' in page


def test_where_nothing_applies_there_is_no_button(operator: Client, make_row: MakeRow) -> None:
    data = {"action": "resend_messages", "_selected_action": [make_row("queued").pk]}
    asked = operator.post(MESSAGES, data)

    assert "There is nothing to do here." in words(asked)
    assert b'type="submit" value="Resend"' not in asked.content


def test_what_was_selected_is_acted_on_although_more_matches_by_now(
    operator: Client, make_row: MakeRow
) -> None:
    first = make_row("failed")
    data = {"action": "resend_messages", "_selected_action": [first.pk], "select_across": "1"}
    asked = operator.post(MESSAGES, data)
    later = make_row("failed")

    confirm(operator, asked)

    assert OutboundMessage.objects.filter(resend_of=first).exists()
    assert not OutboundMessage.objects.filter(resend_of=later).exists()


def test_a_second_press_acts_on_nothing(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")
    data = {"action": "resend_messages", "_selected_action": [row.pk]}
    asked = operator.post(MESSAGES, data)

    confirm(operator, asked)
    again = confirm(operator, asked)

    assert said(again)[-1] == (
        f"warning: Nothing resent. 1 left alone: resent before, resend its copy (message {row.pk})."
    )
    assert OutboundMessage.objects.count() == 2


def test_the_way_back_keeps_the_filters(operator: Client, make_row: MakeRow) -> None:
    data = {"action": "resend_messages", "_selected_action": [make_row("failed").pk]}
    asked = operator.post(f"{MESSAGES}?status__exact=failed", data)
    after = confirm(operator, asked)

    assert asked.context["back"] == f"{MESSAGES}?status__exact=failed"
    assert after.redirect_chain == [(f"{MESSAGES}?status__exact=failed", 302)]


def test_who_comes_without_pressing_is_led_to_the_list(operator: Client) -> None:
    response = operator.get(f"{MESSAGES}act/resend/", follow=True)

    assert said(response) == ["warning: Nothing was done. Select the messages again."]


def test_there_is_no_other_act(operator: Client) -> None:
    assert operator.post(f"{MESSAGES}act/delete/").status_code == 404


def test_numbers_that_are_none_are_overlooked(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")
    rows = f"x,,{2**63},²,{row.pk}"

    operator.post(f"{MESSAGES}act/resend/", {"rows": rows})

    assert OutboundMessage.objects.filter(resend_of=row).exists()
