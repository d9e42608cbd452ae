"""What holds a whole connection, and what a hold of it stops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from djhipchat2.api import send_messages
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Summary
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.states import HoldReason, Scope, Status
from tests.delivery.delivering import flush
from tests.delivery.holding import (
    LIMITED_TOKEN,
    OFFLINE,
    connection_row,
    end_holds,
    hold_connection,
)
from tests.hipchat_server import HipChatServer
from tests.scripted import ACCEPTED, LIMITED, Script

pytestmark = pytest.mark.django_db

LAST_OF_ROOM = replace(ACCEPTED, retry_after=60)
LAST_OF_TOKEN = replace(ACCEPTED, retry_after=60, scope=Scope.CONNECTION)


def test_a_limit_of_the_token_holds_every_room(chat: Script, two_rooms: None) -> None:
    chat.results = [LIMITED_TOKEN]

    flush()

    assert chat.texts == ["dev 0"]
    assert connection_row().hold_reason == HoldReason.RATE_LIMITED
    assert not OutboundMessage.objects.filter(attempts__gt=0).exists()


def test_a_limit_of_the_room_leaves_the_others_alone(chat: Script, two_rooms: None) -> None:
    chat.results = [LIMITED]

    flush()

    assert chat.texts == ["dev 0", "ops 0", "ops 1", "ops 2"]
    assert not Room.objects.filter(room_id=WHOLE_CONNECTION).exists()


def test_another_connection_goes_on(chat: Script, queued: Any, settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": "tests.scripted.HipChatBackend"}}
    queued("audited", using="audit")
    queued("default")
    chat.by_text["audited"] = LIMITED_TOKEN

    flush()

    assert chat.texts == ["audited", "default"]


def test_after_the_hold_all_rooms_go_on(chat: Script, two_rooms: None) -> None:
    chat.results = [LIMITED_TOKEN]
    flush()
    end_holds()

    summary = flush()

    assert summary == Summary(sent=6)


@pytest.mark.parametrize(
    ("result", "texts"),
    [
        (LAST_OF_ROOM, ["dev 0", "ops 0", "ops 1", "ops 2"]),
        (LAST_OF_TOKEN, ["dev 0"]),
    ],
)
def test_a_limit_is_obeyed_before_it_is_hit(
    chat: Script, two_rooms: None, result: Any, texts: list[str]
) -> None:
    chat.by_text["dev 0"] = result

    summary = flush()

    assert chat.texts == texts
    assert summary.all_well
    assert OutboundMessage.objects.get(message="dev 0").status == Status.SENT


def test_a_server_that_cannot_be_reached_holds_the_connection(
    chat: Script, queued: Any, settings: Any
) -> None:
    chat.results = [OFFLINE] * 20
    for number in range(8):
        queued(f"dev {number}", "Dev")
        queued(f"ops {number}", "Ops")

    flush()

    assert len(chat.texts) == 5
    row = connection_row()
    assert (row.hold_reason, row.failures) == (HoldReason.UNREACHABLE, 5)


def test_attempts_that_reach_no_server_are_counted_over_all_rooms(
    chat: Script, queued: Any
) -> None:
    chat.results = [OFFLINE] * 20
    for number in range(9):
        queued("hello", f"room {number}")

    flush()

    assert len(chat.texts) == 5
    assert OutboundMessage.objects.filter(attempts=0).count() == 4


def test_an_answer_ends_the_count(chat: Script, queued: Any) -> None:
    chat.results = [OFFLINE] * 4
    for number in range(6):
        queued("hello", f"room {number}")

    flush()

    row = connection_row()
    assert (row.hold_reason, row.failures) == ("", 0)


def test_a_paused_connection_stays_paused_whatever_the_server_wishes(
    chat: Script, two_rooms: None
) -> None:
    chat.before = lambda message: hold_connection(HoldReason.PAUSED)
    chat.results = [LIMITED_TOKEN]

    flush()

    row = connection_row()
    assert chat.texts == ["dev 0"]
    assert (row.hold_reason, row.hold_until) == (HoldReason.PAUSED, None)


def test_a_hold_of_the_connection_stops_a_room_that_is_being_delivered(
    chat: Script, two_rooms: None
) -> None:
    def pause(message: Any) -> None:
        hold_connection(HoldReason.PAUSED)

    chat.before = pause

    flush()

    assert chat.texts == ["dev 0"]


def test_next_due_waits_for_the_connection(queued: Any) -> None:
    queued()
    hold_connection(HoldReason.RATE_LIMITED)

    assert engine.next_due("default", "Ops") == pytest.approx(60, abs=5)


def test_the_row_of_a_connection_says_so() -> None:
    hold_connection(HoldReason.PAUSED)

    assert str(connection_row()) == "all rooms (default)"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("version", "limits", "sent"),
    [
        (1, {"token_per_5_minutes": 10}, 10),
        (2, {"token_per_5_minutes": 10}, 10),
        (2, {"room_per_minute": 6}, 12),
    ],
)
def test_a_real_servers_limit_is_used_up_without_being_hit(
    hipchat_server: HipChatServer, settings: Any, version: int, limits: dict[str, int], sent: int
) -> None:
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    settings.HIPCHAT_API_VERSION = version
    hipchat_server.limits(**limits)
    send_messages([{"room_id": f"room {n % 2}", "message": str(n)} for n in range(30)], defer=True)

    summary = flush()

    assert summary == Summary(sent=sent)
    assert hipchat_server.counts()["rejected"] == 0
