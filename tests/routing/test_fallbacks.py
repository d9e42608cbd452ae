"""Where a message goes that has failed for good."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.api import send_message
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run
from djhipchat2.models import OutboundMessage
from djhipchat2.routing import targets
from djhipchat2.states import Status, Trigger
from tests.scripted import PATH, REJECTED, UNAVAILABLE, Script

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_message_that_fails_for_good_goes_to_the_fallback(
    with_fallback: None, chat: Script
) -> None:
    chat.results = [REJECTED]

    row = send_message("Ops", "hello", color="red")

    row.refresh_from_db()
    instead = row.fell_back_as
    assert (row.status, row.fallback) == (Status.FAILED, "mail")
    assert (instead.connection, instead.room_id) == ("mail", "ops@example.org")
    assert (instead.status, instead.message, instead.color) == (Status.SENT, "hello", "red")
    assert [message.room for message in chat.delivered] == ["Ops", "ops@example.org"]


def test_a_message_that_is_tried_again_stays_where_it_is(with_fallback: None, chat: Script) -> None:
    chat.results = [UNAVAILABLE]

    send_message("Ops", "hello")

    assert OutboundMessage.objects.get().status == Status.QUEUED


def test_a_fallback_that_fails_has_no_fallback(with_fallback: None, chat: Script) -> None:
    chat.results = [REJECTED, REJECTED]

    send_message("Ops", "hello")

    statuses = list(OutboundMessage.objects.values_list("status", flat=True))
    assert statuses == ["failed", "failed"]


def test_what_is_too_long_for_the_fallback_is_shortened(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": "slack", "fallback": "short"}}
    chat.results = [REJECTED]

    row = send_message("Ops", "x" * 100, "Long sender")

    instead = row.fell_back_as
    assert (len(instead.message), instead.sender, instead.room_id) == (40, "Long ", "Ops")
    assert instead.status == Status.SENT


def test_a_fallback_that_this_process_does_not_know_waits_for_one_that_does(
    with_fallback: None, settings: Any, chat: Script
) -> None:
    row = send_message("Ops", "hello", defer=True)
    settings.HIPCHAT_CONNECTIONS = {"slack": {"BACKEND": PATH}}
    chat.results = [REJECTED]

    summary = engine.flush(Run(Trigger.FLUSH))

    row.refresh_from_db()
    assert summary.failed == 1
    assert row.fell_back_as.status == Status.QUEUED


def test_a_fallback_works_inside_the_process_too(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": "here", "fallback": "slack"}}
    chat.results = [REJECTED]

    row = send_message("Ops", "hello")
    engine.flush(Run(Trigger.FLUSH))

    row.refresh_from_db()
    assert (row.status, row.fell_back_as.status) == (Status.FAILED, Status.SENT)


def test_a_connection_is_not_its_own_fallback(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": ["slack", "mail"], "fallback": "mail"}}

    assert [target.fallback for target in targets("default", "Ops")] == ["mail", ""]
