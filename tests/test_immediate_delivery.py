"""What a call delivers itself: when it starts, how long it may take, and how it may fail."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

import djhipchat2
from djhipchat2 import dispatch
from djhipchat2.delivery import run
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.hipchat_server import HipChatServer
from tests.scripted import PATH, UNAVAILABLE, script


@pytest.mark.django_db(transaction=True)
def test_a_message_arrives_at_the_chat(request_backend: HipChatServer) -> None:
    row = djhipchat2.send_message("Ops", "<b>hello</b>", color="green")

    row.refresh_from_db()
    assert row.status == Status.SENT
    (message,) = request_backend.messages()
    assert (message["room"], message["message"]) == ("Ops", "<b>hello</b>")
    assert (message["color"], message["from"]) == ("green", "Django")


@pytest.mark.django_db(transaction=True)
def test_delivery_starts_at_the_commit(request_backend: HipChatServer) -> None:
    with transaction.atomic():
        djhipchat2.send_message("Ops", "hello")
        before = request_backend.messages()

    assert before == []
    assert len(request_backend.messages()) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_sent(request_backend: HipChatServer) -> None:
    with transaction.atomic():
        djhipchat2.send_message("Ops", "hello")
        transaction.set_rollback(True)

    assert request_backend.messages() == []
    assert not OutboundMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failed_delivery_does_not_raise_and_tells_in_the_row(
    request_backend: HipChatServer,
) -> None:
    request_backend.fault("unavailable", times=1)

    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 1)
    assert row.error.startswith("HTTP 503")
    assert row.next_attempt_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_wrong_token_fails_with_the_servers_words(
    request_backend: HipChatServer, settings: Any
) -> None:
    settings.HIPCHAT_API_TOKEN = "WRONG"

    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert row.status == Status.FAILED
    assert row.error.startswith("HTTP 401: Auth token invalid")


@pytest.mark.django_db(transaction=True)
def test_the_next_send_takes_along_what_is_due_before_it(request_backend: HipChatServer) -> None:
    request_backend.fault("unavailable", times=1)
    first = djhipchat2.send_message("Ops", "first")
    OutboundMessage.objects.update(next_attempt_at=None)

    djhipchat2.send_message("Ops", "second")

    first.refresh_from_db()
    assert first.status == Status.SENT
    assert [m["message"] for m in request_backend.messages()] == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_defer_leaves_delivery_to_a_flush(request_backend: HipChatServer) -> None:
    row = djhipchat2.send_message("Ops", "hello", defer=True)

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 0)
    assert request_backend.counts()["requests"] == 0


@pytest.mark.django_db(transaction=True)
def test_an_outage_of_the_engine_is_logged_and_the_row_stays(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()

    row = djhipchat2.send_message("Ops", "hello", defer=True)
    OutboundMessage.objects.filter(pk=row.pk).update(connection="default")
    settings.HIPCHAT_LEASE_SECONDS = "soon"

    djhipchat2.send_message("Ops", "another")

    assert OutboundMessage.objects.queued().count() == 2
    assert "broke off (ImproperlyConfigured)" in caplog.text
    assert "hipchat_flush_outbox" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_under_request_a_send_is_bounded_by_the_timeout(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()

    djhipchat2.send_message("Ops", "hello")

    (timeout,) = script.timeouts
    assert timeout is not None
    assert 7 < timeout <= 8


@pytest.mark.django_db
def test_the_transaction_of_a_test_case_is_none_of_the_callers(
    request_backend: HipChatServer, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        djhipchat2.send_message("Ops", "hello")

    assert OutboundMessage.objects.get().status == Status.SENT


@pytest.mark.django_db(transaction=True)
def test_the_rooms_of_a_commit_share_the_time_that_the_caller_waits(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed = 0

    def take_long(message: Any) -> None:
        nonlocal passed
        passed += 5  # of the 8 seconds that the backend has

    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed)
    monkeypatch.setattr(dispatch, "time", clock)
    monkeypatch.setattr(run, "time", clock)
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    script.before = take_long

    djhipchat2.send_messages([{"room_id": room, "message": "hello"} for room in ("Ops", "Dev")])

    assert len(script.texts) == 1
    assert OutboundMessage.objects.queued().filter(attempts=0).count() == 1


@pytest.mark.django_db
def test_an_at_once_backend_may_fail_and_is_retried_later(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = "tests.scripted.AtOnceBackend"
    script.clear()
    script.results = [UNAVAILABLE]

    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert (row.status, row.attempts, row.error) == (Status.QUEUED, 1, "down")
    assert row.next_attempt_at is not None
