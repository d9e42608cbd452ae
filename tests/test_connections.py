"""From an alias to a backend."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.base import HipChatBackendBase
from djhipchat2.backends.request import HipChatBackend as Request
from djhipchat2.connections import ConnectionHandler, canonical_path
from djhipchat2.exceptions import ConnectionUnknown

LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"
DUMMY = "djhipchat2.backends.dummy.HipChatBackend"
REQUEST = "djhipchat2.backends.request.HipChatBackend"
CELERY = "djhipchat2.backends.celery.HipChatBackend"


@pytest.fixture
def connections() -> ConnectionHandler:
    return ConnectionHandler()


def problem(connections: ConnectionHandler, alias: Any) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        connections[alias]
    return str(caught.value)


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("djhipchat.backends.locmem.HipChatBackend", LOCMEM),
        (LOCMEM, LOCMEM),
        ("djhipchat_extras.Backend", "djhipchat_extras.Backend"),
    ],
)
def test_backends_of_both_import_names_are_the_same(path: str, canonical: str) -> None:
    assert canonical_path(path) == canonical


def test_default_is_made_of_the_flat_settings(
    connections: ConnectionHandler, settings: Any
) -> None:
    assert connections["default"].path == LOCMEM

    settings.HIPCHAT_BACKEND = "djhipchat.backends.request.HipChatBackend"

    assert (connections["default"].path, connections["default"].alias) == (REQUEST, "default")


@pytest.mark.parametrize("path", [REQUEST, CELERY])
def test_default_has_the_options_that_the_settings_say(
    connections: ConnectionHandler, settings: Any, path: str
) -> None:
    settings.HIPCHAT_BACKEND = path
    settings.HIPCHAT_CELERY_BACKEND = REQUEST
    settings.HIPCHAT_OPTIONS = {"timeout": 3}

    assert connections["default"].time_limit == 3


def test_more_connections_have_options_of_their_own(
    connections: ConnectionHandler, settings: Any
) -> None:
    settings.HIPCHAT_API_TOKEN = "SECRET"
    settings.HIPCHAT_CONNECTIONS = {
        "ops": {"BACKEND": REQUEST, "OPTIONS": {"token": "OPS", "api_version": 2}},
        "dev": {"BACKEND": "djhipchat.backends.request.HipChatBackend"},
        "elsewhere": {"BACKEND": REQUEST, "OPTIONS": {"api_url": "https://chat.example.com"}},
    }

    made = {alias: connections[alias] for alias in ("ops", "dev", "elsewhere")}

    assert all(isinstance(backend, Request) for backend in made.values())
    tokens = {alias: backend.token for alias, backend in made.items()}  # type: ignore[attr-defined]
    assert tokens == {"ops": "OPS", "dev": "SECRET", "elsewhere": ""}
    assert connections.aliases() == ["default", "ops", "dev", "elsewhere"]


def test_connections_may_redefine_default(connections: ConnectionHandler, settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"default": {"BACKEND": DUMMY}}

    assert connections["default"].path == DUMMY
    assert connections.aliases() == ["default"]


def test_a_dotted_path_is_an_alias(connections: ConnectionHandler) -> None:
    backend = connections["djhipchat.backends.dummy.HipChatBackend"]

    assert backend.path == DUMMY
    assert backend.alias == "djhipchat.backends.dummy.HipChatBackend"


@pytest.mark.parametrize("alias", ["ops", "", None, 7])
def test_other_aliases_are_unknown(
    connections: ConnectionHandler, settings: Any, alias: Any
) -> None:
    settings.HIPCHAT_CONNECTIONS = {"b": {"BACKEND": DUMMY}, 1: {"BACKEND": DUMMY}}

    with pytest.raises(ConnectionUnknown) as caught:
        connections[alias]

    assert str(caught.value) == (
        f"The connection {alias!r} is not configured in this process. Known: default, b, 1. "
        "Add it to HIPCHAT_CONNECTIONS."
    )


@pytest.mark.parametrize(
    ("configuration", "text"),
    [
        (None, "needs a BACKEND: set it to {'BACKEND': 'dotted.path', 'OPTIONS': {}}."),
        (LOCMEM, "needs a BACKEND: set it to {'BACKEND': 'dotted.path', 'OPTIONS': {}}."),
        ({}, "needs a BACKEND: set it to {'BACKEND': 'dotted.path', 'OPTIONS': {}}."),
        (
            {"BACKEND": Request},
            "needs a BACKEND: set it to {'BACKEND': 'dotted.path', 'OPTIONS': {}}.",
        ),
        (
            {"BACKEND": LOCMEM, "TOKEN": "SECRET", 7: ""},
            "has unknown keys 7, TOKEN; use BACKEND, OPTIONS and RETRY.",
        ),
    ],
)
def test_an_entry_that_is_wrong_is_refused(
    connections: ConnectionHandler, settings: Any, configuration: Any, text: str
) -> None:
    settings.HIPCHAT_CONNECTIONS = {"ops": configuration}

    assert problem(connections, "ops") == f"HIPCHAT_CONNECTIONS['ops'] {text}"


@pytest.mark.parametrize("alias", [7, "", "x" * 101])
def test_an_alias_must_fit_its_column(
    connections: ConnectionHandler, settings: Any, alias: Any
) -> None:
    settings.HIPCHAT_CONNECTIONS = {alias: {"BACKEND": LOCMEM}}

    assert problem(connections, alias) == (
        f"HIPCHAT_CONNECTIONS[{alias!r}]: an alias is a string of 1 to 100 characters."
    )


def test_options_must_be_a_dictionary(connections: ConnectionHandler, settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {"ops": {"BACKEND": LOCMEM, "OPTIONS": ["token"]}}

    assert problem(connections, "ops") == (
        "HIPCHAT_CONNECTIONS['ops']['OPTIONS'] is of type list; set it to a dictionary."
    )


def test_an_option_that_the_backend_does_not_have_names_the_alias(
    connections: ConnectionHandler, settings: Any
) -> None:
    settings.HIPCHAT_CONNECTIONS = {"ops": {"BACKEND": LOCMEM, "OPTIONS": {"token": "SECRET"}}}

    assert problem(connections, "ops") == (
        f"The backend {LOCMEM} of the connection ops has no option token. Its options: none."
    )


def test_a_backend_is_kept_until_its_settings_change(
    connections: ConnectionHandler, settings: Any
) -> None:
    settings.HIPCHAT_CONNECTIONS = {"ops": {"BACKEND": REQUEST, "OPTIONS": {"token": "A"}}}
    first = connections["ops"]
    assert connections["ops"] is first

    settings.HIPCHAT_CONNECTIONS = {"ops": {"BACKEND": REQUEST, "OPTIONS": {"token": "B"}}}

    assert connections["ops"] is not first
    assert connections["ops"] is connections["ops"]


def test_the_celery_backend_follows_its_setting(
    connections: ConnectionHandler, settings: Any
) -> None:
    settings.HIPCHAT_BACKEND = CELERY
    settings.HIPCHAT_CELERY_BACKEND = DUMMY
    first = connections["default"]

    settings.HIPCHAT_CELERY_BACKEND = LOCMEM

    assert connections["default"] is not first


def test_each_thread_has_backends_of_its_own(connections: ConnectionHandler) -> None:
    mine = connections["default"]
    others: list[HipChatBackendBase] = []
    thread = threading.Thread(target=lambda: others.extend([connections["default"]] * 2))

    thread.start()
    thread.join()

    assert others[0] is others[1]
    assert others[0] is not mine
    assert connections["default"] is mine


def test_closing_forgets_this_thread_s_backends(connections: ConnectionHandler) -> None:
    first = connections["default"]

    connections.close()

    assert connections["default"] is not first
