from __future__ import annotations

from typing import Any

from djhipchat2.backends.base import Result
from djhipchat2.backends.dummy import HipChatBackend
from djhipchat2.states import Outcome
from tests.backends.sending import a_message


def test_messages_are_accepted_and_go_nowhere(sent_messages: list[dict[str, Any]]) -> None:
    assert HipChatBackend().deliver(a_message(), timeout=0) == Result(Outcome.ACCEPTED)
    assert sent_messages == []
