from __future__ import annotations

from typing import Any

import pytest

import djhipchat2
from djhipchat2.testing import capture_messages

pytestmark = pytest.mark.django_db


def test_captured_messages_go_nowhere_else(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"

    with capture_messages() as messages:
        djhipchat2.send_message("Ops", "hello")

    assert [message["message"] for message in messages] == ["hello"]


def test_the_list_is_given_back_afterwards() -> None:
    djhipchat2.send_message("Ops", "before")

    with capture_messages() as messages:
        djhipchat2.send_message("Ops", "captured")

    assert [m["message"] for m in djhipchat2.sent_messages] == ["before"]
    assert [m["message"] for m in messages] == ["captured"]


def test_other_connections_are_captured_too(settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "audit": {
            "BACKEND": "djhipchat2.backends.request.HipChatBackend",
            "OPTIONS": {"token": "T"},
        }
    }

    with capture_messages() as messages:
        djhipchat2.send_message("Ops", "hello", using="audit")

    assert len(messages) == 1
