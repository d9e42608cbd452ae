"""Where a message goes by its room's name, and what it is to each of its targets."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from djhipchat2 import operations
from djhipchat2.api import send_message, send_messages
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.exceptions import MessageError
from djhipchat2.logger import HipChatHandler
from djhipchat2.models import OutboundMessage
from djhipchat2.routing import Target, targets
from djhipchat2.states import Status, Trigger
from tests.scripted import REJECTED, Script

pytestmark = pytest.mark.django_db(transaction=True)


def places(row: OutboundMessage) -> list[tuple[str, str]]:
    rows = row.routed_together().order_by("pk")
    return [(each.connection, each.room_id) for each in rows]


def aims(room: str, using: str = "default") -> list[tuple[str, str | int]]:
    return [(target.connection, target.room_id) for target in targets(using, room)]


def test_without_routes_a_message_goes_where_it_is_sent() -> None:
    assert targets("default", "Ops") == [Target("default", "Ops")]
    assert targets("slack", 42) == [Target("slack", 42)]


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        ("Ops", [("slack", "#ops"), ("matrix", "#ops:example.org")]),
        (" Ops ", [("slack", "#ops"), ("matrix", "#ops:example.org")]),
        ("ops", [("slack", "#ops"), ("matrix", "#ops:example.org")]),
        ("deploy-web", [("slack", "deploy-web"), ("matrix", "deploy-web")]),
        ("deploy-db", [("matrix", "deploy-db")]),
        ("Deploy-API", [("slack", "Deploy-API"), ("matrix", "Deploy-API")]),
        ("Kitchen", [("default", "Kitchen")]),
    ],
)
def test_a_rooms_own_name_wins_over_patterns_and_the_first_pattern_over_others(
    settings: Any, room: str, expected: list[tuple[str, str]]
) -> None:
    settings.HIPCHAT_ROUTES = {
        "deploy-*": ["slack", "matrix"],
        "deploy-db": "matrix",
        "Ops": {"to": {"slack": "#ops", "matrix": "#ops:example.org"}},
        "d*": "mail",
    }

    assert aims(room) == expected


def test_a_connection_that_is_named_is_not_routed(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"*": "slack"}

    assert aims("Ops", using="matrix") == [("matrix", "Ops")]
    assert aims("Ops") == [("slack", "Ops")]


def test_each_target_is_a_row_of_its_own(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": {"slack": "#ops", "matrix": "#ops:example.org"}}}

    row = send_message("Ops", "hello", "Bot", "text", True, "red")

    assert places(row) == [("slack", "#ops"), ("matrix", "#ops:example.org")]
    assert [message.room for message in chat.delivered] == ["#ops", "#ops:example.org"]
    assert {(m.text, m.sender, m.color, m.notify) for m in chat.delivered} == {
        ("hello", "Bot", "red", True)
    }


def test_a_message_with_one_target_stands_alone(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": "slack"}

    row, other = send_message("Ops", "hello"), send_message("Ops", "again")

    assert row.route_group is None
    assert list(row.routed_together()) == [row]
    assert other not in row.routed_together()


def test_one_target_may_fail_and_be_resent_alone(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": ["slack", "matrix"]}
    chat.results = [REJECTED]
    row = send_message("Ops", "hello")
    failed, sent = row.routed_together().order_by("pk")

    operations.resend(failed)

    assert (failed.status, sent.status) == (Status.FAILED, Status.SENT)
    assert [message.text for message in chat.delivered] == ["hello"] * 3
    assert places(row) == [("slack", "Ops"), ("matrix", "Ops")]


def test_many_messages_are_routed_in_their_order(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": ["slack", "matrix"]}

    rows = send_messages(
        [{"room_id": "Ops", "message": "one"}, {"room_id": "Dev", "message": "two"}], defer=True
    )

    assert [row.message for row in rows] == ["one", "two"]
    assert places(rows[0]) == [("slack", "Ops"), ("matrix", "Ops")]
    assert places(rows[1]) == [("default", "Dev")]


def test_a_dedupe_key_counts_for_each_target(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": ["slack", "matrix"]}

    first = send_message("Ops", "hello", dedupe_key="deploy-7")
    again = send_message("Ops", "hello", dedupe_key="deploy-7")

    assert first == again
    assert OutboundMessage.objects.count() == 2


def test_a_value_that_one_target_would_refuse_is_refused_before_anything_is_written(
    settings: Any,
) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": ["slack", "short"]}

    with pytest.raises(MessageError):
        send_message("Ops", "x" * 41)

    assert not OutboundMessage.objects.exists()


def test_log_records_are_made_to_fit_every_target(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": ["slack", "short"]}
    handler = HipChatHandler(room="Ops", sender="My (app)")
    record = logging.LogRecord("shop", logging.ERROR, "shop.py", 1, "x" * 100, None, None)

    handler.emit(record)
    handler.flush()

    rows = OutboundMessage.objects.order_by("pk")
    assert [row.connection for row in rows] == ["slack", "short"]
    assert {(len(row.message), row.sender) for row in rows} == {(40, "My -a")}


def test_a_flush_delivers_what_was_routed(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"*": ["slack", "matrix"]}
    for room in ("Ops", "Dev"):
        send_message(room, "hello", defer=True)

    assert engine.flush(Run(Trigger.FLUSH)) == Summary(sent=4)
