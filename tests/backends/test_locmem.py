from __future__ import annotations

from typing import Any

import djhipchat2
from djhipchat2.backends.locmem import HipChatBackend
from tests.backends.sending import a_message


def test_payloads_are_collected_in_order(sent_messages: list[dict[str, Any]]) -> None:
    backend = HipChatBackend()

    backend.deliver(a_message(text="first"))
    backend.deliver(a_message(text="second", notify=True))

    assert [(p["message"], p["notify"]) for p in sent_messages] == [("first", 0), ("second", 1)]


def test_a_new_list_is_noticed() -> None:
    backend = HipChatBackend()
    backend.deliver(a_message())
    djhipchat2.sent_messages = []

    backend.deliver(a_message(text="after"))

    assert [payload["message"] for payload in djhipchat2.sent_messages] == ["after"]


def test_both_import_names_see_the_same_list() -> None:
    import djhipchat

    HipChatBackend().deliver(a_message())

    assert djhipchat.sent_messages is djhipchat2.sent_messages
    assert len(djhipchat.sent_messages) == 1
