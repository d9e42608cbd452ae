"""Which messages the signals tell of, and what a receiver can spoil: nothing."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.models import OutboundMessage
from djhipchat2.signals import message_failed, message_sent
from djhipchat2.states import Status
from tests.delivery.delivering import deliver
from tests.scripted import REJECTED, UNAVAILABLE, Script

pytestmark = pytest.mark.django_db


def test_signals_tell_of_final_messages(chat: Script, queued: Any, connect: Any) -> None:
    chat.by_text["bad"] = REJECTED
    chat.by_text["later"] = UNAVAILABLE
    told: list[tuple[str, str]] = []

    def hear_sent(message: OutboundMessage, **kwargs: Any) -> None:
        told.append(("sent", f"{message.message} {message.status}"))

    def hear_failed(message: OutboundMessage, **kwargs: Any) -> None:
        told.append(("failed", f"{message.message} {message.status}"))

    connect(message_sent, hear_sent)
    connect(message_failed, hear_failed)
    for text in ("good", "bad", "later"):
        queued(text)

    deliver()

    assert told == [("sent", "good sent"), ("failed", "bad failed")]


def test_a_receiver_that_raises_changes_nothing(chat: Script, queued: Any, connect: Any) -> None:
    def raise_error(**kwargs: Any) -> None:
        raise RuntimeError

    connect(message_sent, raise_error)
    row = queued()

    deliver()

    row.refresh_from_db()
    assert row.status == Status.SENT
