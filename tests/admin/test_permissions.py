from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from djhipchat2.models import OutboundMessage, Room
from tests.admin.conftest import LogIn, MakeRow
from tests.admin.pages import MESSAGES, ROOMS, button_of, confirm, page_of

VIEW, RESEND, CANCEL = (f"{act}_outboundmessage" for act in ("view", "resend", "cancel"))


def post_list(client: Client, action: str, row: OutboundMessage) -> int:
    data = {"action": action, "_selected_action": [row.pk]}
    asked = client.post(MESSAGES, data)
    if asked.status_code == 200:
        confirm(client, asked)
    return asked.status_code


@pytest.mark.parametrize(
    ("permissions", "list_page", "resend", "cancel"),
    [
        ([], 403, 403, 403),
        ([RESEND, CANCEL], 403, 403, 403),
        (["add_outboundmessage", "delete_outboundmessage", "view_room"], 403, 403, 403),
        ([VIEW], 200, 403, 403),
        (["change_outboundmessage"], 200, 403, 403),
        ([VIEW, RESEND], 200, 302, 403),
        ([VIEW, CANCEL], 200, 403, 302),
        ([VIEW, RESEND, CANCEL], 200, 302, 302),
    ],
)
def test_who_may_do_what(
    log_in: LogIn,
    make_row: MakeRow,
    permissions: list[str],
    list_page: int,
    resend: int,
    cancel: int,
) -> None:
    client = log_in(*permissions)
    failed, queued = make_row("failed"), make_row("queued")
    other_failed, other_queued = make_row("failed"), make_row("queued")

    assert client.get(MESSAGES).status_code == list_page
    assert client.get(page_of(failed)).status_code == list_page
    assert client.post(button_of(failed, "resend")).status_code == resend
    assert client.post(button_of(queued, "cancel")).status_code == cancel
    listed = {302: 200}
    assert post_list(client, "resend_messages", other_failed) == listed.get(resend, resend)
    assert post_list(client, "cancel_messages", other_queued) == listed.get(cancel, cancel)
    resent = OutboundMessage.objects.exclude(resend_of=None).count()
    cancelled = OutboundMessage.objects.filter(status="cancelled").count()
    assert (resent, cancelled) == (2 * (resend == 302), 2 * (cancel == 302))


def test_a_superuser_may_do_everything(admin_client: Client, make_row: MakeRow) -> None:
    failed, queued = make_row("failed"), make_row("queued")

    assert admin_client.get(MESSAGES).status_code == 200
    assert admin_client.post(button_of(failed, "resend")).status_code == 302
    assert admin_client.post(button_of(queued, "cancel")).status_code == 302


@pytest.mark.parametrize("who", ["anonymous", "no staff"])
def test_who_is_no_staff_is_sent_to_the_log_in(log_in: LogIn, make_row: MakeRow, who: str) -> None:
    known = who == "no staff"
    client = log_in(VIEW, RESEND, CANCEL, is_staff=False) if known else Client()
    row = make_row("failed")

    answers = [
        client.get(MESSAGES),
        client.get(page_of(row)),
        client.get(ROOMS),
        client.post(button_of(row, "resend")),
        client.post(button_of(row, "cancel")),
        client.post(MESSAGES, {"action": "resend_messages", "_selected_action": [row.pk]}),
    ]

    assert {answer.status_code for answer in answers} == {302}
    assert {answer["Location"].split("?")[0] for answer in answers} == {"/admin/login/"}
    assert OutboundMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("permissions", "status", "buttons"),
    [
        ([VIEW], "failed", []),
        ([VIEW], "queued", []),
        ([VIEW, RESEND], "failed", ["Resend"]),
        ([VIEW, RESEND], "expired", ["Resend"]),
        ([VIEW, RESEND], "cancelled", ["Resend"]),
        ([VIEW, RESEND], "sent", ["Resend"]),
        ([VIEW, RESEND], "queued", ["Retry now"]),
        ([VIEW, RESEND, CANCEL], "sending", []),
        ([VIEW, CANCEL], "queued", ["Cancel"]),
        ([VIEW, RESEND, CANCEL], "queued", ["Retry now", "Cancel"]),
        ([VIEW, RESEND, CANCEL], "failed", ["Resend"]),
        ([VIEW, RESEND, CANCEL], "held", ["Retry now", "Mark as sent", "Cancel"]),
    ],
)
def test_a_button_is_shown_where_it_applies_and_is_permitted(
    log_in: LogIn, make_row: MakeRow, permissions: list[str], status: str, buttons: list[str]
) -> None:
    client = log_in(*permissions)
    row = make_row("queued", held=True) if status == "held" else make_row(status)

    response = client.get(page_of(row))

    assert [str(act["label"]) for act in response.context["acts"]] == buttons
    for name in buttons:
        assert f">{name}</a>" in response.content.decode()


def test_a_message_that_was_resent_has_no_button(operator: Client, make_row: MakeRow) -> None:
    row = make_row("failed")
    make_row("sent", resend_of=row)

    assert operator.get(page_of(row)).context["acts"] == []


@pytest.mark.parametrize(
    ("permissions", "actions"),
    [
        ([VIEW], ["export_messages"]),
        ([VIEW, RESEND], ["resend_messages", "retry_messages", "export_messages"]),
        (
            [VIEW, RESEND, CANCEL, "delete_outboundmessage"],
            [
                "resend_messages",
                "retry_messages",
                "cancel_messages",
                "mark_sent_messages",
                "export_messages",
            ],
        ),
    ],
)
def test_the_list_offers_the_permitted_actions(
    log_in: LogIn, make_row: MakeRow, permissions: list[str], actions: list[str]
) -> None:
    client = log_in(*permissions)
    make_row("failed")

    text = client.get(MESSAGES).content.decode()

    known = [
        *("resend_messages", "retry_messages", "cancel_messages", "mark_sent_messages"),
        *("export_messages", "delete_selected"),
    ]
    assert [name for name in known if f'value="{name}"' in text] == actions


@pytest.fixture
def a_room(db: None) -> Room:
    return Room.objects.create(connection="default", room_id="Ops")


@pytest.mark.parametrize(
    "make", [lambda make_row, a_room: make_row(), lambda make_row, a_room: a_room]
)
@pytest.mark.parametrize("act", ["add", "change", "delete"])
def test_nobody_edits_rows(
    admin_client: Client,
    make_row: MakeRow,
    a_room: Room,
    act: str,
    make: Callable[..., Any],
) -> None:
    row = make(make_row, a_room)
    place = f"/admin/djhipchat2/{row._meta.model_name}/"
    address = f"{place}add/" if act == "add" else f"{place}{row.pk}/{act}/"

    answer = admin_client.post(address, {"post": "yes", "room_id": "Other", "status": "sent"})

    assert answer.status_code == 403
    row.refresh_from_db()
    assert row.room_id == "Ops"
    assert type(row).objects.count() == 1
