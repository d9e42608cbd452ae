"""What holds for every backend."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.base import HipChatBackendBase, Result
from djhipchat2.backends.loading import load_backend
from djhipchat2.message import Limits
from djhipchat2.states import Outcome
from tests.backends.chat_receiver import SECRET, SERVICES, filled, says
from tests.backends.conftest import Serve
from tests.backends.raw_server import http
from tests.backends.sending import TOKEN, a_message

OURS = "djhipchat2.backends.{}.HipChatBackend"
REQUEST = OURS.format("request")


@dataclasses.dataclass(frozen=True)
class Kind:
    """A backend and the options that it works with; ``{url}`` is a server's."""

    path: str
    options: dict[str, Any]
    answer: bytes = http()


V1: dict[str, Any] = {"api_url": "{url}", "token": TOKEN}
#: One answer to all that is asked: no algorithm encrypts the room, and the event has an id.
MATRIX_ANSWER = says("200 OK", {"event_id": "$1"})
MATRIX: dict[str, Any] = {
    "homeserver": "{url}",
    "token": TOKEN,
    "rooms": {"Ops": "!abc:example.com"},
}
KINDS = {
    "locmem": Kind(OURS.format("locmem"), {}),
    "dummy": Kind(OURS.format("dummy"), {}),
    "console": Kind(OURS.format("console"), {}),
    "request v1": Kind(REQUEST, V1),
    "request v2": Kind(REQUEST, {**V1, "api_version": 2}),
    "celery": Kind(OURS.format("celery"), {"backend": REQUEST, **V1}),
    **{
        name: Kind(service.path, service.options, service.accepted)
        for name, service in SERVICES.items()
    },
    **{
        f"celery, {name}": Kind(
            OURS.format("celery"), {"backend": service.path, **service.options}, service.accepted
        )
        for name, service in SERVICES.items()
    },
    "mail": Kind(OURS.format("mail"), {"to": "ops@example.com"}),
    "apprise": Kind(OURS.format("apprise"), {"url": f"json://{{server}}/{SECRET}"}),
    "matrix": Kind(OURS.format("matrix"), MATRIX, MATRIX_ANSWER),
    "celery, matrix": Kind(
        OURS.format("celery"), {"backend": OURS.format("matrix"), **MATRIX}, MATRIX_ANSWER
    ),
    "2013 subclass": Kind("tests.backends.customs.Subclass", {}),
    "2013 class": Kind("tests.backends.customs.Plain", {"prefix": TOKEN}),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, serve: Serve) -> Kind:
    kind = KINDS[request.param]
    return dataclasses.replace(kind, options=filled(kind.options, serve(kind.answer).url))


@pytest.fixture
def backend(kind: Kind) -> Any:
    backend = load_backend(kind.path, "ops", kind.options)
    yield backend
    backend.close()


def test_it_is_a_backend_that_knows_where_it_comes_from(
    kind: Kind, backend: HipChatBackendBase
) -> None:
    assert isinstance(backend, HipChatBackendBase)
    assert (backend.path, backend.alias, backend.options) == (kind.path, "ops", kind.options)


def test_its_repr_shows_path_and_connection_alone(kind: Kind, backend: HipChatBackendBase) -> None:
    assert repr(backend) == f"<{kind.path} connection='ops'>"


def test_delivering_returns_a_result_without_secrets(backend: HipChatBackendBase) -> None:
    result = backend.deliver(a_message(), timeout=10)

    assert isinstance(result, Result)
    assert (result.outcome, result.error) == (Outcome.ACCEPTED, "")
    assert TOKEN not in repr(result)
    assert SECRET not in repr(result)


def test_it_delivers_many_messages_and_goes_on_after_being_closed(
    backend: HipChatBackendBase,
) -> None:
    first = backend.deliver(a_message(text="1"))
    backend.close()
    backend.close()
    second = backend.deliver(a_message(text="2"))

    assert (first.outcome, second.outcome) == (Outcome.ACCEPTED, Outcome.ACCEPTED)


def test_the_payload_is_that_of_2013(backend: HipChatBackendBase) -> None:
    assert backend.get_payload("1234", "hello", "TestFrom") == {
        "room_id": "1234",
        "from": "TestFrom",
        "message": "hello",
        "message_format": "html",
        "notify": 0,
        "color": "yellow",
        "format": "json",
    }


def test_it_has_limits_a_time_limit_and_checks(backend: HipChatBackendBase) -> None:
    assert isinstance(backend.limits, Limits)
    assert backend.time_limit == 10
    assert all(isinstance(message, CheckMessage) for message in backend.check())
    assert TOKEN not in str(backend.check())
    assert SECRET not in str(backend.check())
    assert backend.require_settings() is None


def test_an_unknown_option_is_refused(kind: Kind) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        load_backend(kind.path, "ops", {**kind.options, "no_such_option": "SECRET"})

    assert "no_such_option" in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert TOKEN not in str(caught.value)
