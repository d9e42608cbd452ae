"""How a connection that was unreachable is tried again: by one worker, with one message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2.delivery import holds
from djhipchat2.states import HoldReason
from tests.delivery.delivering import flush
from tests.delivery.holding import (
    LIMITED_TOKEN,
    OFFLINE,
    connection_row,
    end_holds,
    hold_connection,
)
from tests.delivery.leasing import claimed
from tests.scripted import ACCEPTED, REJECTED, Script

pytestmark = pytest.mark.django_db


def way() -> holds.Way:
    gate = holds.Gate("default", "default")
    holds.look(gate, timezone.now())
    return gate.way


def test_a_connection_that_was_unreachable_is_probed_with_one_message(
    chat: Script, two_rooms: None
) -> None:
    hold_connection(HoldReason.UNREACHABLE)
    end_holds()
    chat.results = [OFFLINE]

    flush()

    assert chat.texts == ["dev 0"]
    row = connection_row()
    assert (row.hold_reason, row.failures) == (HoldReason.UNREACHABLE, 6)
    assert row.hold_until is not None


@pytest.mark.parametrize("answer", [ACCEPTED, REJECTED])
def test_an_answer_to_the_probe_opens_the_connection(
    chat: Script, two_rooms: None, answer: Any
) -> None:
    hold_connection(HoldReason.UNREACHABLE)
    end_holds()
    chat.results = [answer]

    flush()

    assert len(chat.texts) == 6
    row = connection_row()
    assert (row.hold_reason, row.hold_until, row.failures) == ("", None, 0)


def test_while_one_worker_probes_the_others_wait(chat: Script, two_rooms: None) -> None:
    hold_connection(HoldReason.UNREACHABLE)
    end_holds()
    ways: list[holds.Way] = []
    chat.before = lambda message: ways.append(way())

    flush()

    assert ways[0] is holds.Way.CLOSED
    assert way() is holds.Way.OPEN


def test_a_probe_that_found_its_room_taken_is_given_back(chat: Script, queued: Any) -> None:
    queued("dev", "Dev")
    hold_connection(HoldReason.UNREACHABLE)
    end_holds()
    claimed("other", "Dev")

    flush()

    assert chat.texts == []
    assert way() is holds.Way.PROBE


def test_a_probe_that_ended_without_an_answer_is_given_back(chat: Script, queued: Any) -> None:
    queued("dev", "Dev")
    hold_connection(HoldReason.UNREACHABLE)
    end_holds()
    chat.results = [KeyboardInterrupt()]

    with pytest.raises(KeyboardInterrupt):
        flush()

    assert way() is holds.Way.PROBE


def test_a_limit_met_by_the_probe_is_kept(chat: Script, two_rooms: None) -> None:
    hold_connection(HoldReason.UNREACHABLE)
    end_holds()
    chat.results = [LIMITED_TOKEN]

    flush()

    assert chat.texts == ["dev 0"]
    assert connection_row().hold_until > timezone.now() + timedelta(seconds=50)
