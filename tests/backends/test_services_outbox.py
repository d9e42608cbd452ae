"""Messages to chat services, by way of the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import serializers
from django.utils import timezone

import djhipchat2
from djhipchat2.connections import connections
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from djhipchat2.states import HoldReason, Status
from tests.backends.chat_receiver import SECRET, SERVICES, Service, says
from tests.backends.conftest import Serve
from tests.backends.raw_server import RawServer

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = f"webhook_id={SECRET}"
REFUSAL = dict.fromkeys(("error", "message", "description", "msg"), WORDS)


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, settings: Any) -> Service:
    found: Service = SERVICES[request.param]
    settings.HIPCHAT_BACKEND = found.path
    return found


@pytest.fixture(autouse=True)
def _closed() -> Any:
    yield
    connections.close()


def send(settings: Any, service: Service, server: RawServer) -> OutboundMessage:
    settings.HIPCHAT_OPTIONS = service.options_for(server.url)
    message = djhipchat2.send_message("Ops", "<b>hello</b>", "Shop / 7")
    message.refresh_from_db()
    return message


def test_a_message_is_sent_and_recorded(settings: Any, service: Service, serve: Serve) -> None:
    message = send(settings, service, serve(service.accepted))

    attempt = DeliveryAttempt.objects.get()
    assert (message.status, message.sender, message.attempts) == (Status.SENT, "Shop / 7", 1)
    assert (attempt.outcome, attempt.http_status) == ("accepted", int(service.accepted[9:12]))


def test_a_refusal_fails_it_with_the_service_s_words_and_no_secret(
    settings: Any, service: Service, serve: Serve
) -> None:
    message = send(settings, service, serve(says("400 Bad Request", REFUSAL)))

    rows = [*OutboundMessage.objects.all(), *DeliveryAttempt.objects.all(), *Room.objects.all()]
    assert message.status == Status.FAILED
    assert message.error.startswith("HTTP 400: ")
    assert SECRET not in serializers.serialize("json", rows)


def test_a_limit_holds_and_uses_up_no_attempt(
    settings: Any, service: Service, serve: Serve
) -> None:
    server = serve(says("429 Too Many Requests", "", Retry_After="600"))

    message = send(settings, service, server)
    second = djhipchat2.send_message("Ops", "wait")

    second.refresh_from_db()
    (hold,) = Room.objects.exclude(hold_reason=HoldReason.NONE)
    assert (message.status, message.attempts) == (Status.QUEUED, 0)
    assert (second.status, len(server.requests)) == (Status.QUEUED, 1)
    assert hold.hold_reason == HoldReason.RATE_LIMITED
    assert hold.hold_until is not None
    assert timedelta(minutes=9) < hold.hold_until - timezone.now() <= timedelta(minutes=10)
