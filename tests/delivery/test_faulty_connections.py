"""Connections with a bug, with stricter limits than before, without a token, or unknown."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run
from djhipchat2.exceptions import ConnectionUnknown
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status, Trigger
from tests.delivery.delivering import deliver
from tests.scripted import Script

pytestmark = pytest.mark.django_db


def test_a_backends_bug_is_an_unknown_outcome_without_the_exceptions_text(
    chat: Script, queued: Any, caplog: pytest.LogCaptureFixture
) -> None:
    chat.results = [RuntimeError("token=SECRET")]
    row = queued()

    deliver()

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert row.error.startswith("The backend failed: RuntimeError at scripted.py:")
    assert "SECRET" not in row.error + caplog.text


def test_a_message_that_the_connection_no_longer_takes_is_rejected(
    chat: Script, queued: Any
) -> None:
    row = queued()
    OutboundMessage.objects.update(sender="a sender for version two")

    deliver()

    row.refresh_from_db()
    assert row.status == Status.FAILED
    assert "must have 1 to 15 characters" in row.error
    assert chat.texts == []


def test_an_unknown_connection_touches_nothing(queued: Any) -> None:
    queued()
    OutboundMessage.objects.update(connection="gone")

    with pytest.raises(ConnectionUnknown):
        engine.deliver_room("gone", "Ops", Run(Trigger.FLUSH))

    assert OutboundMessage.objects.get().status == Status.QUEUED


def test_a_missing_setting_is_an_attempt_that_says_so(queued: Any, settings: Any) -> None:
    row = queued()
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"

    deliver()

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert "HipChat API token not set" in row.error
