"""Connections with a bug, with stricter limits than before, without a token, or unknown."""

from __future__ import annotations

from typing import Any

import pytest

from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.exceptions import ConnectionUnknown
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.delivery.delivering import deliver, flush
from tests.scripted import PATH, Script

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


@pytest.mark.parametrize("here", ["locmem", "dummy", "console"])
def test_a_flush_with_other_settings_takes_no_message_for_sent_that_was_meant_for_a_chat(
    chat: Script, queued: Any, settings: Any, here: str, caplog: pytest.LogCaptureFixture
) -> None:
    row = queued()
    settings.HIPCHAT_BACKEND = f"djhipchat2.backends.{here}.HipChatBackend"

    assert flush() == Summary(skipped_rooms=1)

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 0)
    assert f"written for {PATH}, and the connection is djhipchat2.backends.{here}" in caplog.text
    assert "Set DJANGO_SETTINGS_MODULE to the settings of the site" in caplog.text
    assert not Room.objects.exclude(lease_token="").exists()


@pytest.mark.parametrize("written_for", ["", "djhipchat.backends.dummy.HipChatBackend"])
def test_a_message_that_was_meant_to_stay_here_stays_here(
    queued: Any, settings: Any, written_for: str
) -> None:
    row = queued()
    OutboundMessage.objects.update(backend=written_for)
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.locmem.HipChatBackend"

    assert flush() == Summary(sent=1)

    row.refresh_from_db()
    assert row.status == Status.SENT


def test_a_message_whose_backend_is_not_installed_here_was_meant_for_a_chat(
    queued: Any, settings: Any
) -> None:
    queued()
    OutboundMessage.objects.update(backend="shop.chat.Backend")
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.locmem.HipChatBackend"

    assert flush() == Summary(skipped_rooms=1)


def test_a_missing_setting_is_an_attempt_that_says_so(queued: Any, settings: Any) -> None:
    row = queued()
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"

    deliver()

    row.refresh_from_db()
    assert row.status == Status.QUEUED
    assert "HipChat API token not set" in row.error
