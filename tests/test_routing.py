from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from djhipchat2 import operations
from djhipchat2.api import send_message, send_messages
from djhipchat2.checks import check_settings
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.exceptions import MessageError
from djhipchat2.logger import HipChatHandler
from djhipchat2.message import V2
from djhipchat2.models import OutboundMessage
from djhipchat2.routing import Target, targets
from djhipchat2.states import Status, Trigger
from tests.scripted import (
    PATH,
    REJECTED,
    UNAVAILABLE,
    AtOnceBackend,
    HipChatBackend,
    Script,
    script,
)

pytestmark = pytest.mark.django_db(transaction=True)


class ShortBackend(HipChatBackend):
    """A chat with room for little."""

    @property
    def limits(self) -> Any:
        from dataclasses import replace

        return replace(V2, message_max=40, sender_max=5)


class FailingAtOnceBackend(AtOnceBackend):
    """A chat of this process."""


HERE = "tests.test_routing"


@pytest.fixture(autouse=True)
def chat(settings: Any) -> Script:
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_THREADS = 1
    settings.HIPCHAT_CONNECTIONS = {
        "slack": {"BACKEND": PATH},
        "matrix": {"BACKEND": PATH},
        "mail": {"BACKEND": PATH},
        "short": {"BACKEND": f"{HERE}.ShortBackend"},
        "here": {"BACKEND": f"{HERE}.FailingAtOnceBackend"},
    }
    script.clear()
    return script


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


def test_wrong_routes_do_not_concern_a_connection_that_is_named(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = ["Ops"]

    assert send_message("Ops", "hello", using="slack").connection == "slack"
    with pytest.raises(ImproperlyConfigured, match="HIPCHAT_ROUTES"):
        send_message("Ops", "hello")


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


@pytest.fixture
def with_fallback(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": "slack", "fallback": {"mail": "ops@example.org"}}}


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


def test_the_command_says_where_the_message_went(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": ["slack", "matrix"]}
    chat.results = [REJECTED]
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"Message \d+ was not sent. no such room"):
        call_command("hipchat", "Ops", "hello", stdout=out)

    first, second = out.getvalue().splitlines()
    assert first.endswith("to Ops by slack: failed.")
    assert second.endswith("to Ops by matrix: sent.")


def explain(*arguments: str) -> str:
    out = io.StringIO()
    call_command("hipchat_explain", *arguments, stdout=out)
    return out.getvalue()


def test_a_message_is_explained_with_its_route(settings: Any, chat: Script) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": ["slack", "matrix"], "fallback": "mail"}}
    chat.results = [UNAVAILABLE]
    first = send_message("Ops", "hello")
    second = first.routed_together().exclude(pk=first.pk).get()

    said = explain(str(first.pk))
    (told,) = json.loads(explain(str(first.pk), "--json"))

    assert f"The same went to matrix (message {second.pk}, sent)." in said
    assert said.endswith("If it fails for good, mail gets it.\n")
    assert told["routed_together"] == [
        {"id": second.pk, "connection": "matrix", "room": "Ops", "status": "sent"}
    ]
    assert (told["fallback"], told["fallback_of"]) == ("mail", None)


def test_a_fallback_is_explained_with_what_it_replaces(with_fallback: None, chat: Script) -> None:
    chat.results = [REJECTED]
    row = send_message("Ops", "hello")
    row.refresh_from_db()

    said = explain(str(row.fell_back_as.pk))

    assert f"It takes the place of message {row.pk}, which failed." in said
    assert "If it fails for good" not in explain(str(row.pk))


@pytest.mark.parametrize(
    ("route", "complaint"),
    [
        ({"fallback": "mail"}, "HIPCHAT_ROUTES['Ops'] needs 'to', and may have 'fallback'"),
        ({"to": "mail", "room": "x"}, "needs 'to', and may have 'fallback'; not room."),
        ([], "HIPCHAT_ROUTES['Ops']['to'] names no connection; name one or more."),
        (7, "HIPCHAT_ROUTES['Ops']['to'] is a int; set it to a connection, a list"),
        ({"to": {"slack": None}}, "has 'slack': None; connections and rooms are strings."),
        (
            {"to": "slack", "fallback": ["mail", "matrix"]},
            "HIPCHAT_ROUTES['Ops']['fallback'] names 2 connections; name one.",
        ),
    ],
)
def test_a_wrong_route_is_refused_and_told_by_the_checks(
    settings: Any, route: Any, complaint: str
) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": route}

    with pytest.raises(ImproperlyConfigured) as caught:
        send_message("Ops", "hello")

    (found,) = [check for check in check_settings() if check.id == "djhipchat2.E010"]
    assert complaint in str(caught.value)
    assert complaint in found.msg
    assert "HIPCHAT_ROUTES = " in str(found.hint)


def test_a_route_to_a_connection_that_does_not_exist_is_told_by_the_checks(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"Ops": {"to": "slack", "fallback": "maill"}, "*": "default"}

    (found,) = [check for check in check_settings() if check.id == "djhipchat2.E010"]

    assert found.msg.startswith(
        "HIPCHAT_ROUTES['Ops'] names the connection 'maill', which does not exist; known are "
    )


def test_a_flush_delivers_what_was_routed(settings: Any) -> None:
    settings.HIPCHAT_ROUTES = {"*": ["slack", "matrix"]}
    for room in ("Ops", "Dev"):
        send_message(room, "hello", defer=True)

    assert engine.flush(Run(Trigger.FLUSH)) == Summary(sent=4)
