"""What a handler makes of arguments that HipChat would refuse, before the first record."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

import djhipchat2
from djhipchat2.exceptions import MessageError
from djhipchat2.logger import HipChatHandler


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    """A logger whose handlers are taken away afterwards."""
    logger = logging.getLogger("tests.shop")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    yield logger
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
    logger.propagate = True


def test_a_handler_needs_a_room() -> None:
    with pytest.raises(TypeError, match="needs a room: give room="):
        HipChatHandler(sender="Test")


@pytest.mark.parametrize(
    ("room", "error"),
    [
        ("", "room_id '': must be a room's id or name of 1 to 100 characters"),
        ("x" * 101, "must be a room's id or name of 1 to 100 characters"),
        (["Ops"], r"room_id \['Ops'\]: is of type list; give a string"),
    ],
)
def test_a_room_that_cannot_be_is_found_when_the_handler_is_made(room: Any, error: str) -> None:
    with pytest.raises(MessageError, match=error):
        HipChatHandler(room)


@pytest.mark.django_db
def test_a_wrong_format_costs_a_warning_and_no_record(
    log: logging.Logger, caplog: pytest.LogCaptureFixture
) -> None:
    log.addHandler(HipChatHandler("1234", message_format="md"))

    log.info("hello")

    assert [m["message_format"] for m in djhipchat2.sent_messages] == ["text"]
    assert "HipChat has no message_format 'md'; the handler uses 'text'" in caplog.text


@pytest.mark.django_db
def test_a_sender_may_be_a_number_as_in_a_call(log: logging.Logger) -> None:
    log.addHandler(HipChatHandler(1234, sender=5))

    log.info("hello")

    assert [(m["room_id"], m["from"]) for m in djhipchat2.sent_messages] == [(1234, "5")]


@pytest.mark.django_db
@pytest.mark.parametrize(("given", "used"), [("grey", "gray"), ("pink", "yellow")])
def test_a_wrong_colour_costs_a_warning_and_no_record(
    log: logging.Logger, caplog: pytest.LogCaptureFixture, given: str, used: str
) -> None:
    log.addHandler(HipChatHandler("1234", colors={"INFO": given}))

    log.info("hello")

    assert [m["color"] for m in djhipchat2.sent_messages] == [used]
    assert f"HipChat has no colour '{given}'; the handler uses '{used}'" in caplog.text
