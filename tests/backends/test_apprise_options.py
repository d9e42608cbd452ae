"""Apprise: what the options of a connection may be, and what checks say about them."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.apprise import HipChatBackend
from tests.backends.apprise_sending import SECRET
from tests.backends.sending import a_message


@pytest.mark.parametrize(
    "url", [f"nosuch://{SECRET}@x/", f"slack://{SECRET}", f"no address {SECRET}", 7, b"json://x"]
)
@pytest.mark.parametrize("option", ["urls", "rooms"])
def test_e014_an_address_that_apprise_cannot_read(
    url: Any, option: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    value = [url] if option == "urls" else {"Ops": url}
    backend = HipChatBackend(alias="ops", **{option: value})

    (complaint,) = backend.check()
    with pytest.raises(ImproperlyConfigured) as caught:
        backend.deliver(a_message())

    assert (complaint.id, complaint.msg) == (
        "djhipchat2.E017",
        f"Apprise makes nothing of an address in the option {option} of the connection 'ops'.",
    )
    assert SECRET not in str(complaint) + str(caught.value) + caplog.text


def test_an_address_is_needed() -> None:
    (complaint,) = HipChatBackend(alias="ops").check()

    assert complaint.msg == "The connection 'ops' has no address."


def test_apprise_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    (complaint,) = HipChatBackend(alias="ops", url="json://localhost").check()

    assert (complaint.id, complaint.hint) == (
        "djhipchat2.E016",
        "Type: python -m pip install 'djhipchat2[apprise]'",
    )


@pytest.mark.parametrize(
    ("option", "value", "problem"),
    [
        ("url", [SECRET], "is of type list; set it to a string."),
        ("urls", SECRET, "is of type str; set it to a list of Apprise's addresses."),
        (
            "rooms",
            [SECRET],
            "is of type list; set it to a dictionary from a room to Apprise's address.",
        ),
    ],
)
def test_an_option_of_the_wrong_kind_is_refused(option: str, value: Any, problem: str) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        HipChatBackend(alias="ops", **{option: value})

    assert str(caught.value) == f"The option {option} of the connection ops {problem}"


def test_limits_and_time_limit_are_those_of_other_services(settings: Any) -> None:
    settings.HIPCHAT_TIMEOUT = 9

    assert HipChatBackend(alias="ops").limits.sender_max == 64
    assert HipChatBackend(alias="ops").time_limit == 9
    assert HipChatBackend(alias="ops", timeout=3).time_limit == 3
