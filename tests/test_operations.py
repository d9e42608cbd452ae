from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from djhipchat2 import operations
from djhipchat2.api import send_message
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run
from djhipchat2.exceptions import ConnectionUnknown, MessageError, MessageStateError
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.states import HoldReason, Status, Trigger
from tests.scripted import PATH, UNKNOWN, Script, script

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def chat(settings: Any) -> Script:
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_THREADS = 1
    script.clear()
    return script


@pytest.fixture
def held(settings: Any, chat: Script) -> OutboundMessage:
    """A message whose answer was lost."""
    settings.HIPCHAT_ON_UNKNOWN = "hold"
    chat.results = [UNKNOWN]
    row = send_message("Ops", "hello")
    row.refresh_from_db()
    assert row.held
    return row


def queue(text: str = "hello", room_id: str = "Ops", **options: Any) -> OutboundMessage:
    return send_message(room_id, text, defer=True, **options)


def test_a_held_message_that_is_tried_again_is_sent(held: OutboundMessage) -> None:
    operations.retry_now(held)

    held.refresh_from_db()
    assert (held.status, held.held, held.attempts) == (Status.SENT, False, 2)
    assert held.delivery_attempts.last().trigger == Trigger.RESEND


def test_a_held_message_may_be_marked_as_sent(held: OutboundMessage, chat: Script) -> None:
    operations.mark_sent(held)

    assert (held.status, held.held) == (Status.SENT, False)
    assert held.sent_at == held.finished_at
    assert held.sent_at is not None
    assert chat.texts == ["hello"]


def test_a_held_message_may_be_cancelled(held: OutboundMessage) -> None:
    operations.cancel(held)

    assert (held.status, held.held) == (Status.CANCELLED, False)


def test_a_held_message_may_expire(held: OutboundMessage) -> None:
    OutboundMessage.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    engine.flush(Run(Trigger.FLUSH))

    held.refresh_from_db()
    assert (held.status, held.held) == (Status.EXPIRED, False)


def test_a_wait_can_be_cut_short(chat: Script) -> None:
    row = queue(deliver_at=timezone.now() + timedelta(hours=1))

    operations.retry_now(row)

    row.refresh_from_db()
    assert row.status == Status.SENT


def test_only_a_queued_message_can_be_tried_now() -> None:
    row = send_message("Ops", "hello")

    with pytest.raises(MessageStateError, match="is sent; only a queued one can be tried now"):
        operations.retry_now(row)


def test_only_a_held_message_can_be_marked_as_sent() -> None:
    row = queue()

    with pytest.raises(MessageStateError, match="is queued; only one that is held"):
        operations.mark_sent(row)


def test_nothing_goes_to_a_paused_room(chat: Script) -> None:
    operations.pause("default", "Ops", note="incident 7", by="anna")
    queue("for ops")
    queue("for dev", "Dev")

    engine.flush(Run(Trigger.FLUSH))

    room = Room.objects.get(room_id="Ops")
    assert chat.texts == ["for dev"]
    assert (room.hold_reason, room.hold_until) == (HoldReason.PAUSED, None)
    assert (room.hold_note, room.held_by) == ("incident 7", "anna")
    assert timezone.now() - room.held_at < timedelta(seconds=5)


def test_nothing_goes_out_while_the_connection_is_paused(chat: Script) -> None:
    operations.pause("default", by="anna")
    queue()

    engine.flush(Run(Trigger.FLUSH))

    assert chat.texts == []
    assert Room.objects.get(room_id=WHOLE_CONNECTION).held_by == "anna"


def test_a_resumed_room_is_delivered_to_at_once(chat: Script) -> None:
    operations.pause("default", "Ops", note="incident 7", by="anna")
    queue()

    assert operations.resume("default", "Ops")

    room = Room.objects.get(room_id="Ops")
    assert chat.texts == ["hello"]
    assert (room.hold_reason, room.hold_note, room.held_at, room.held_by) == ("", "", None, "")


def test_a_resumed_connection_delivers_to_all_its_rooms(chat: Script) -> None:
    operations.pause("default")
    for name in ("Dev", "Ops"):
        queue(f"for {name}", name)

    operations.resume("default")

    assert sorted(chat.texts) == ["for Dev", "for Ops"]


def test_resuming_what_is_not_held_does_nothing() -> None:
    queue()

    assert not operations.resume("default", "Ops")
    assert OutboundMessage.objects.queued().exists()


@pytest.mark.parametrize("act", [operations.pause, operations.resume])
def test_a_room_s_name_is_no_connection_and_holds_nothing(act: Callable[[str], object]) -> None:
    queue()

    with pytest.raises(ConnectionUnknown, match=r"'Ops' is not configured .* Known: default"):
        act("Ops")

    assert not Room.objects.exists()


def test_a_connection_that_is_gone_from_the_settings_is_paused_and_resumed() -> None:
    queue()
    OutboundMessage.objects.update(connection="gone")

    operations.pause("gone", "Ops")

    assert Room.objects.get().hold_reason == HoldReason.PAUSED
    OutboundMessage.objects.all().delete()
    assert operations.resume("gone", "Ops")


def test_a_connection_with_wrong_settings_can_be_paused(settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"wrong": {"BACKEND": "no_such.HipChatBackend"}}

    assert operations.pause("wrong").hold_reason == HoldReason.PAUSED


def test_a_backend_s_path_is_an_alias_that_can_be_paused() -> None:
    assert operations.pause(PATH).connection == PATH


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"note": "x" * 201}, "note 'xxx.*: has 200 characters at most; shorten it."),
        ({"by": "x" * 151}, "by 'xxx.*: has 150 characters at most; shorten it."),
    ],
)
def test_a_note_that_is_too_long_is_refused(given: dict[str, str], complaint: str) -> None:
    with pytest.raises(MessageError, match=complaint):
        operations.pause("default", "Ops", **given)

    assert not Room.objects.exists()


def test_a_room_can_be_delivered_to_on_demand(chat: Script) -> None:
    queue()

    operations.drain("default", "Ops")

    assert chat.texts == ["hello"]


def test_a_message_may_be_left_to_the_next_flush(chat: Script) -> None:
    row = queue(deliver_at=timezone.now() + timedelta(hours=1))

    operations.retry_now(row, defer=True)

    row.refresh_from_db()
    assert (row.status, row.next_attempt_at) == (Status.QUEUED, None)
    assert chat.texts == []
