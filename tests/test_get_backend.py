"""``get_backend()``: by its path of 2013, with options, and what is missing by name."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

import djhipchat2
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.hipchat_server import HipChatServer

REQUEST = "djhipchat2.backends.request.HipChatBackend"
LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"


@pytest.mark.django_db
def test_get_backend_without_a_path_is_the_default_connection() -> None:
    row = djhipchat2.get_backend().send_message("Ops", "hello")

    assert row.connection == "default"
    assert djhipchat2.sent_messages[0]["message"] == "hello"


@pytest.mark.django_db
def test_get_backend_by_its_2013_path_goes_through_the_outbox() -> None:
    backend = djhipchat2.get_backend("djhipchat.backends.dummy.HipChatBackend")

    row = backend.send_message("Ops", "hello", "Bot", "text", True, "red")

    assert row.connection == row.backend == "djhipchat2.backends.dummy.HipChatBackend"
    assert (row.status, row.color, row.notify) == (Status.SENT, "red", True)
    assert djhipchat2.sent_messages == []


@pytest.mark.django_db
def test_get_backend_of_the_default_path_is_the_default_connection() -> None:
    assert djhipchat2.get_backend(LOCMEM).send_message("Ops", "x").connection == "default"


@pytest.mark.django_db(transaction=True)
def test_get_backend_with_a_token_stores_only_its_fingerprint(
    request_backend: HipChatServer,
) -> None:
    backend = djhipchat2.get_backend(REQUEST, token="TOK2", api_url=request_backend.url)

    row = backend.send_message("Ops", "hello")

    row.refresh_from_db()
    assert row.status == Status.SENT
    assert row.connection.startswith("options-")
    assert "TOK2" not in str(OutboundMessage.objects.values().get())


def test_get_backend_with_options_alone_is_the_default_backend_with_them(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = REQUEST

    backend = djhipchat2.get_backend(timeout=3, token="TOK")

    assert (backend.path, backend.time_limit) == (REQUEST, 3)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("djhipchat.foo.BadModule", "Error importing HipChat backend module djhipchat2.foo"),
        ("djhipchat.backends.dummy.BadClass", 'does not define a "BadClass" class'),
    ],
)
def test_get_backend_names_what_is_missing(path: str, error: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=error):
        djhipchat2.get_backend(path)


@pytest.mark.parametrize("path", [5, b"a.b", ["a.b"], "a..b", "a."])
def test_get_backend_of_no_path_says_what_one_looks_like(path: Any) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        djhipchat2.get_backend(path)

    assert str(caught.value) == (
        f"{path!r} is no dotted path of a HipChat backend, such as "
        "'djhipchat2.backends.request.HipChatBackend'."
    )
