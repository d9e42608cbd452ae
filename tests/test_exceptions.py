from __future__ import annotations

import pickle

import pytest

from djhipchat2.exceptions import (
    ConnectionUnknown,
    HipChatError,
    MessageError,
    MessageStateError,
    shortened,
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (7, "7"),
        ("x" * 58, f"'{'x' * 58}'"),
        ("x" * 59, f"'{'x' * 58}…"),
        ("a\nb", r"'a\nb'"),
    ],
)
def test_values_are_shown_in_60_characters(value: object, shown: str) -> None:
    assert shortened(value) == shown
    assert len(shown) <= 60


class Unshowable:
    def __repr__(self) -> str:
        raise RecursionError


def test_a_value_that_cannot_be_shown_is_named_by_its_class() -> None:
    assert shortened(Unshowable()) == "<Unshowable>"


@pytest.mark.parametrize(
    ("error", "builtin", "text"),
    [
        (MessageError("color", "pink", "must be red."), ValueError, "color 'pink': must be red."),
        (
            ConnectionUnknown("ops", ["default", "b"]),
            KeyError,
            "The connection 'ops' is not configured in this process. Known: default, b. "
            "Add it to HIPCHAT_CONNECTIONS.",
        ),
        (MessageStateError("Message 1 is queued."), Exception, "Message 1 is queued."),
    ],
)
def test_each_error_is_a_hipchat_error_and_survives_pickling(
    error: HipChatError, builtin: type[Exception], text: str
) -> None:
    copy = pickle.loads(pickle.dumps(error))

    assert isinstance(error, HipChatError)
    assert isinstance(error, builtin)
    assert str(error) == str(copy) == text
    assert type(copy) is type(error)
