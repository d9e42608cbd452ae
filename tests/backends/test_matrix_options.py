"""Matrix: what the options of a connection may be, and what checks say about them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.loading import load_backend
from djhipchat2.states import Outcome
from tests.backends.conftest import Serve
from tests.backends.homeserver import (
    ALIAS,
    LOOK,
    PLAIN,
    SEND,
    SENT,
    TOKEN,
    asked,
    backend_for,
    delivered,
)

WORKING = {"homeserver": "https://matrix.example.com", "token": TOKEN, "rooms": {"Ops": ALIAS}}


def test_a_homeserver_is_an_address_with_or_without_the_apis_path(serve: Serve) -> None:
    server = serve(PLAIN, SENT)

    result = delivered(server, homeserver=f" {server.url}/_matrix/client/v3/ ")

    assert result.outcome is Outcome.ACCEPTED
    assert asked(server) == [LOOK, SEND]


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, []),
        ({"homeserver": ""}, ["djhipchat2.E018"]),
        ({"token": " "}, ["djhipchat2.E018"]),
        ({"homeserver": "matrix.example.com"}, ["djhipchat2.E014"]),
        ({"homeserver": "http://matrix.example.com"}, ["djhipchat2.W001"]),
        ({"homeserver": "http://127.0.0.1:8008"}, []),
        ({"token": "two words"}, ["djhipchat2.E008"]),
        ({"rooms": {"Ops": "ops"}}, ["djhipchat2.E015"]),
    ],
    ids=str,
)
def test_checks_name_what_is_wrong_without_the_token(
    changes: dict[str, Any], ids: list[str]
) -> None:
    options = {**WORKING, **changes}
    backend = load_backend("djhipchat2.backends.matrix.HipChatBackend", "ops", options)

    found = backend.check()

    assert [message.id for message in found] == ids
    assert all(message.hint for message in found)
    assert TOKEN not in str(found)


def test_nothing_is_sent_with_a_setting_missing(serve: Serve) -> None:
    server = serve(SENT)

    with pytest.raises(ImproperlyConfigured, match="has no token"):
        delivered(server, token="")
    assert server.requests == []


def test_its_limits_are_those_of_a_service(serve: Serve) -> None:
    backend = backend_for(serve(SENT))

    assert (backend.limits.api, backend.limits.sender_max) == ("Matrix", 64)
    assert backend.knows_repeats
