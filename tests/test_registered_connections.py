"""Connections that a process makes for itself: a logging handler's token, options in a call."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.loading import load_backend
from djhipchat2.backends.request import HipChatBackend as Request
from djhipchat2.connections import ConnectionHandler

LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"
DUMMY = "djhipchat2.backends.dummy.HipChatBackend"
REQUEST = "djhipchat2.backends.request.HipChatBackend"
CELERY = "djhipchat2.backends.celery.HipChatBackend"
#: Of the option token="SECRET", without a path and with REQUEST. Rows keep such names.
ALIAS_OF_TOKEN = "options-d88579a4c4be3c34"
ALIAS_OF_REQUEST = "options-3edea272fb148d52"


@pytest.fixture
def connections() -> ConnectionHandler:
    return ConnectionHandler()


def test_a_registered_connection_is_named_after_a_fingerprint(
    connections: ConnectionHandler, settings: Any
) -> None:
    settings.HIPCHAT_BACKEND = REQUEST

    alias = connections.register(token="SECRET")

    assert alias == ALIAS_OF_TOKEN
    assert connections.register(token="SECRET") == alias
    assert connections.register(token="OTHER") != alias
    assert connections[alias].token == "SECRET"  # type: ignore[attr-defined]
    assert "SECRET" not in repr(connections[alias]) + str(connections.aliases())
    assert alias in connections.aliases()


def test_another_process_arrives_at_the_same_name() -> None:
    program = (
        "import django; django.setup(); from djhipchat2.connections import connections as c; "
        f"print(c.register(token='SECRET'), c.register('{REQUEST}', token='SECRET'))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == [ALIAS_OF_TOKEN, ALIAS_OF_REQUEST]


def test_a_registered_connection_follows_default(
    connections: ConnectionHandler, settings: Any
) -> None:
    alias = connections.register(token="SECRET")
    settings.HIPCHAT_CONNECTIONS = {
        "default": {"BACKEND": REQUEST, "OPTIONS": {"token": "A", "api_version": 2}}
    }
    backend = connections[alias]
    assert (backend.token, backend.api_version) == ("SECRET", 2)  # type: ignore[attr-defined]

    settings.HIPCHAT_CONNECTIONS = {}

    assert (connections[alias].path, connections[alias].options) == (LOCMEM, {})


def test_a_registered_token_reaches_the_backend_behind_celery(
    connections: ConnectionHandler, settings: Any
) -> None:
    settings.HIPCHAT_BACKEND = CELERY
    settings.HIPCHAT_CELERY_BACKEND = REQUEST

    assert connections[connections.register(token="SECRET")].options == {"token": "SECRET"}


def test_a_registered_path_keeps_all_its_options(connections: ConnectionHandler) -> None:
    alias = connections.register("djhipchat.backends.request.HipChatBackend", token="SECRET")

    assert alias == ALIAS_OF_REQUEST
    assert connections[alias].options == {"token": "SECRET"}
    wrong = connections.register(LOCMEM, token="SECRET")
    with pytest.raises(ImproperlyConfigured, match="has no option token"):
        connections[wrong]


@pytest.mark.parametrize(
    ("path", "options", "alias"),
    [
        (LOCMEM, {}, "default"),
        (DUMMY, {}, DUMMY),
        (REQUEST, {"token": "SECRET"}, ALIAS_OF_REQUEST),
    ],
)
def test_a_backend_made_without_an_alias_can_be_rebuilt(
    connections: ConnectionHandler, path: str, options: dict[str, Any], alias: str
) -> None:
    backend = load_backend(path, None, options)

    assert connections.alias_of(backend) == alias
    assert connections[alias].path == path
    assert connections[alias].options == options


def test_a_backend_with_an_alias_keeps_it(connections: ConnectionHandler) -> None:
    assert connections.alias_of(connections[DUMMY]) == DUMMY


class ABackendWithANameThatIsSoLongThatItsDottedPathDoesNotFitIntoTheColumnOfAConnectionsAlias(
    Request
):
    """As it says."""


def test_a_long_path_is_registered(connections: ConnectionHandler) -> None:
    backend = (
        ABackendWithANameThatIsSoLongThatItsDottedPathDoesNotFitIntoTheColumnOfAConnectionsAlias()
    )

    alias = connections.alias_of(backend)

    assert len(alias) == len("options-") + 16
    assert connections[alias].path == backend.path
