"""A window in hand: what it tries, and what it leaves."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from djhipchat2.delivery.window import KEPT_SECONDS, Share, Window
from djhipchat2.message import Limits
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Outcome
from tests.delivery.leasing import claimed
from tests.scripted import HipChatBackend, Script

WRONG = "HIPCHAT_API_VERSION is 3; use 1 or 2."

pytestmark = pytest.mark.django_db


def deliver(window: Window, *, stop: bool = False) -> None:
    window.deliver(lambda usual: usual, lambda: stop)


def window_of(rows: list[OutboundMessage], **options: Any) -> Window:
    return Window("default", [Share(claimed(), rows)], timezone.now(), **options)


def test_a_window_tries_its_messages_one_after_another(chat: Script, queued: Any) -> None:
    window = window_of([queued("one"), queued("two")])

    deliver(window)

    assert chat.texts == ["one", "two"]
    assert window.tried == 2


def test_a_window_that_waited_too_long_for_a_hand_tries_nothing(chat: Script, queued: Any) -> None:
    rows = [queued("one")]
    window = window_of(rows, ready=time.monotonic() - KEPT_SECONDS - 0.1)

    deliver(window)

    assert chat.texts == []
    assert window.shares[0].left == rows


def test_a_window_that_is_called_off_before_it_begins_tries_nothing(
    chat: Script, queued: Any
) -> None:
    window = window_of([queued("one")])

    deliver(window, stop=True)

    assert (chat.texts, window.tried) == ([], 0)


def test_an_attempt_begins_when_it_is_made_not_when_it_was_marked(
    chat: Script, queued: Any
) -> None:
    waited = KEPT_SECONDS / 2
    window = window_of([queued("one")], composed=time.monotonic() - waited)

    deliver(window)

    [attempt] = window.shares[0].attempts
    assert (attempt.started_at - window.marked_at).total_seconds() >= waited


def test_limits_that_cannot_be_read_are_told_by_each_attempt(
    chat: Script, queued: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(backend: HipChatBackend) -> Limits:
        raise ImproperlyConfigured(WRONG)

    window = window_of([queued("one")])
    monkeypatch.setattr(HipChatBackend, "limits", property(fail))

    deliver(window)

    [attempt] = window.shares[0].attempts
    assert attempt.result.outcome == Outcome.UNAVAILABLE
    assert attempt.result.error == WRONG
