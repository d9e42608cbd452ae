"""A custom backend of 2013 goes on working, behind the outbox."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.api import get_backend, send_message
from djhipchat2.backends.loading import load_backend
from djhipchat2.connections import connections
from djhipchat2.states import Outcome, Status
from tests.backends import customs
from tests.backends.sending import a_message

SUBCLASS = "tests.backends.customs.Subclass"
PLAIN = "tests.backends.customs.Plain"


@pytest.fixture(autouse=True)
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What custom backends were asked to send; connections that a test registers are forgotten."""
    monkeypatch.setattr(connections, "_registered", {})
    customs.calls.clear()
    return customs.calls


def test_a_subclass_of_2013_s_base_sends(calls: list[tuple[Any, ...]]) -> None:
    backend = load_backend(SUBCLASS, "ops", {})

    result = backend.deliver(a_message(room_id=7, sender="Bot", notify=True, color="red"))

    assert result.outcome is Outcome.ACCEPTED
    assert [dict(call) for call in calls] == [
        {
            "room_id": 7,
            "from": "Bot",
            "message": "hello",
            "message_format": "html",
            "notify": 1,
            "color": "red",
            "format": "json",
        }
    ]


def test_a_plain_class_sends_and_gets_its_options(calls: list[tuple[Any, ...]]) -> None:
    backend = load_backend(PLAIN, "ops", {"prefix": "[web-1] "})

    result = backend.deliver(a_message(message_format="text"), timeout=1)

    assert result.outcome is Outcome.ACCEPTED
    assert calls == [("Ops", "[web-1] hello", "Django", "text", False, "yellow")]
    assert (backend.path, backend.options) == (PLAIN, {"prefix": "[web-1] "})
    assert repr(backend) == f"<{PLAIN} connection='ops'>"


def test_what_it_raises_is_an_outcome_without_the_text() -> None:
    result = load_backend("tests.backends.customs.Failing", "ops", {}).deliver(a_message())

    assert (result.outcome, result.error) == (
        Outcome.UNAVAILABLE,
        "tests.backends.customs.Failing raised ConnectionError.",
    )


@pytest.mark.parametrize(
    ("options", "names"),
    [({"tokn": "SECRET", "a": 1}, "a, tokn"), ({"prefix": "x", "b": 2}, "b, prefix")],
)
def test_options_that_it_does_not_take_are_a_wrong_setting(
    options: dict[str, Any], names: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        load_backend(PLAIN, "ops", options)

    assert str(caught.value) == (
        f"{PLAIN} cannot be made with {names}; a custom backend gets its OPTIONS."
    )


def test_options_of_a_subclass_are_refused_like_those_of_ours() -> None:
    with pytest.raises(ImproperlyConfigured, match="has no option tokn"):
        load_backend(SUBCLASS, "ops", {"tokn": "SECRET"})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", [SUBCLASS, PLAIN])
def test_messages_reach_it_through_the_outbox(
    settings: Any, calls: list[tuple[Any, ...]], path: str
) -> None:
    settings.HIPCHAT_BACKEND = path

    row = send_message("Ops", "hello")

    row.refresh_from_db()
    assert (row.status, row.backend, row.attempts) == (Status.SENT, path, 1)
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_get_backend_gives_one_whose_messages_go_through_the_outbox(
    calls: list[tuple[Any, ...]],
) -> None:
    row = get_backend(PLAIN, prefix="> ").send_message("Ops", "hello")

    row.refresh_from_db()
    assert (row.status, row.backend) == (Status.SENT, PLAIN)
    assert calls == [("Ops", "> hello", "Django", "html", False, "yellow")]
