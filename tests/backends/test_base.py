from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.base import HipChatBackendBase, Result
from djhipchat2.message import V1, Message
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Outcome, Status
from tests.backends.sending import a_message

PATH = "djhipchat2.backends.base.HipChatBackendBase"


class WithOptions(HipChatBackendBase):
    option_names = ("token", "room")


def test_the_payload_is_that_of_2013() -> None:
    payload = HipChatBackendBase().get_payload("1234", "hello", "TestFrom")

    assert payload == {
        "room_id": "1234",
        "from": "TestFrom",
        "message": "hello",
        "message_format": "html",
        "notify": 0,
        "color": "yellow",
        "format": "json",
    }


def test_the_payload_has_2013_s_positional_order() -> None:
    payload = HipChatBackendBase().get_payload(1234, "hello", "Bot", "text", True, "red")

    assert payload == {
        "room_id": 1234,
        "from": "Bot",
        "message": "hello",
        "message_format": "text",
        "notify": 1,
        "color": "red",
        "format": "json",
    }


def test_a_message_has_the_same_payload() -> None:
    message = a_message(room_id=7, sender="Bot", message_format="text", notify=True, color="red")

    assert HipChatBackendBase().payload_of(message) == {
        "room_id": 7,
        "from": "Bot",
        "message": "hello",
        "message_format": "text",
        "notify": 1,
        "color": "red",
        "format": "json",
    }


def test_a_new_backend_promises_nothing() -> None:
    backend = HipChatBackendBase(alias="ops")

    assert (backend.limits, backend.time_limit) == (V1, 10)
    assert (backend.at_once, backend.by_task, backend.check()) == (False, False, [])
    assert backend.require_settings() is None
    assert backend.announce("ops", "Ops", delay=1) is False
    assert backend.close() is None


def test_a_backend_that_does_not_deliver_says_so() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"Base does not implement deliver\(\)\.$"):
        HipChatBackendBase().deliver(a_message())


def test_its_repr_names_class_and_connection_and_no_option() -> None:
    backend = WithOptions(alias="ops", token="SECRET")

    assert repr(backend) == "<tests.backends.test_base.WithOptions connection='ops'>"


@pytest.mark.parametrize(
    ("alias", "name", "backend", "known"),
    [
        ("ops", "ops", WithOptions, "token, room"),
        (None, "without a name", HipChatBackendBase, "none"),
    ],
)
def test_unknown_options_are_refused(
    alias: str | None, name: str, backend: type[HipChatBackendBase], known: str
) -> None:
    with pytest.raises(ImproperlyConfigured) as caught:
        backend(alias=alias, tokn="SECRET", b=1)

    assert str(caught.value) == (
        f"The backend {backend.__module__}.{backend.__name__} of the connection {name} has no "
        f"option b, tokn. Its options: {known}."
    )


def test_a_class_knows_which_options_it_takes() -> None:
    assert WithOptions.takes("token", {})
    assert not WithOptions.takes("color", {})


@pytest.mark.django_db
def test_sending_through_a_backend_goes_through_the_outbox(
    sent_messages: list[dict[str, Any]],
) -> None:
    from djhipchat2.backends.locmem import HipChatBackend

    row = HipChatBackend().send_message("Ops", "hello", "Bot", "text", True, "red")

    assert OutboundMessage.objects.get().pk == row.pk
    assert (row.status, row.connection) == (Status.SENT, "default")
    assert [payload["from"] for payload in sent_messages] == ["Bot"]


@pytest.mark.django_db
def test_sending_through_a_backend_takes_the_options_of_send_message() -> None:
    from djhipchat2.backends.locmem import HipChatBackend

    row = HipChatBackend().send_message("Ops", "hello", defer=True, dedupe_key="k")

    assert (row.status, row.sender, row.dedupe_key) == (Status.QUEUED, "Django", "k")


def test_a_result_can_be_stored_whatever_a_service_wrote() -> None:
    result = Result(Outcome.REJECTED, error="a\0b", answer="c\ud83dd", http_status=400)

    assert result.storable() == Result(
        Outcome.REJECTED, error="a\N{REPLACEMENT CHARACTER}b", answer="c?d", http_status=400
    )


def test_the_limits_of_the_default_are_those_of_v1() -> None:
    assert Message(room_id="Ops", text="x", limits=HipChatBackendBase().limits).limits is V1
