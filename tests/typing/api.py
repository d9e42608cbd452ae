"""Read by mypy alone: what a typed project sees of the package."""

from __future__ import annotations

from typing import Any, assert_type

import djhipchat2
from djhipchat2 import asend_message, asend_messages, get_backend, send_message, send_messages
from djhipchat2.backends.base import HipChatBackendBase, Result
from djhipchat2.exceptions import ConnectionUnknown, HipChatError, MessageError
from djhipchat2.logger import HipChatHandler
from djhipchat2.message import Message
from djhipchat2.models import DeliveryAttempt, OutboundMessage
from djhipchat2.states import Outcome
from djhipchat2.testing import capture_messages

assert_type(send_message("Ops", "text"), OutboundMessage)
assert_type(send_message(7, "text", None, "text", True, "red", using="other"), OutboundMessage)
assert_type(send_messages([{"room_id": "Ops", "message": "text"}]), list[OutboundMessage])
assert_type(get_backend(), HipChatBackendBase)
assert_type(get_backend().send_message("Ops", "text"), OutboundMessage)
assert_type(djhipchat2.sent_messages, list[dict[str, Any]])

# A wrong argument is found before the program runs: mypy reports an ignore that ignores nothing.
send_message("Ops")  # type: ignore[call-arg]
send_message("Ops", "text", notify="yes")  # type: ignore[arg-type]
send_message("Ops", "text", colour="red")  # type: ignore[call-arg]
HipChatHandler(room="Ops", level="ERROR", colors={"ERROR": 1})  # type: ignore[dict-item]


class OwnBackend(HipChatBackendBase):
    """A backend of a project's own."""

    option_names = ("webhook",)

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        return Result(Outcome.ACCEPTED, answer=message.text)


async def send_from_async_code() -> None:
    """Await what the coroutines return."""
    assert_type(await asend_message("Ops", "text"), OutboundMessage)
    assert_type(await asend_messages([]), list[OutboundMessage])


def look_at_a_row(row: OutboundMessage) -> None:
    """Read fields with their types."""
    assert_type(row.status, str)
    assert_type(row.attempts, int)
    for attempt in DeliveryAttempt.objects.filter(message=row):
        assert_type(attempt.http_status, int | None)


def catch_what_can_be_raised() -> None:
    """The errors are also builtins."""
    try:
        send_message("Ops", "")
    except MessageError as error:
        assert_type(error.args, tuple[Any, ...])
        mistake: ValueError = error
        raise mistake from None
    except ConnectionUnknown as error:
        missing: KeyError = error
        raise missing from None
    except HipChatError:
        raise


with capture_messages() as messages:
    assert_type(messages, list[dict[str, Any]])
