from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError

from djhipchat2 import api, log_queue
from djhipchat2.log_queue import LogQueue
from djhipchat2.models import OutboundMessage
from djhipchat2.testing import capture_messages
from tests.scripted import PATH, script

pytestmark = pytest.mark.django_db(transaction=True)


def call(text: str) -> dict[str, Any]:
    return {"room_id": "Ops", "message": text, "sender": None, "color": "yellow"}


@pytest.fixture
def queue(settings: Any) -> Iterator[LogQueue]:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    queue = LogQueue()
    yield queue
    assert queue.drain(10)


class Gate:
    """Lets the database be away, or the writer wait, for as long as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()
        self.entered = threading.Event()
        self.errors: list[Exception] = []
        self._send_messages = api.send_messages
        monkeypatch.setattr(api, "send_messages", self.send_messages)
        monkeypatch.setattr(log_queue, "PATIENCE", (0, 0))

    def send_messages(self, *args: Any, **kwargs: Any) -> Any:
        self.entered.set()
        assert self.open.wait(10)
        if self.errors:
            raise self.errors.pop(0)
        return self._send_messages(*args, **kwargs)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


def test_records_are_written_and_delivered_in_their_order(queue: LogQueue) -> None:
    for number in range(30):
        queue.put(call(str(number)), "default")

    assert queue.drain(10)
    assert script.texts == [str(number) for number in range(30)]


def test_waiting_records_are_written_together(queue: LogQueue, gate: Gate) -> None:
    queue.put(call("first"), "default")
    gate.entered.wait(10)
    for number in range(5):
        queue.put(call(str(number)), "default")

    gate.open.set()

    assert queue.drain(10)
    assert OutboundMessage.objects.count() == 6


def test_drain_does_not_wait_for_ever(queue: LogQueue, gate: Gate) -> None:
    queue.put(call("x"), "default")

    assert not queue.drain(0.05)
    gate.open.set()


def test_a_full_queue_drops_and_says_how_many(
    queue: LogQueue, gate: Gate, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HIPCHAT_LOG_QUEUE_SIZE = 2
    queue.put(call("in hand"), "default")
    gate.entered.wait(10)

    for number in range(5):
        queue.put(call(str(number)), "default")
    gate.open.set()

    assert queue.drain(10)
    assert script.texts == ["in hand", "0", "1"]
    assert "3 log records were dropped" in caplog.text
    assert "HIPCHAT_LOG_QUEUE_SIZE" in caplog.text


def test_a_database_that_comes_back_gets_the_records(queue: LogQueue, gate: Gate) -> None:
    gate.errors = [OperationalError(), OperationalError()]
    gate.open.set()

    queue.put(call("hello"), "default")

    assert queue.drain(10)
    assert script.texts == ["hello"]


def test_a_database_that_stays_away_loses_them_audibly(
    queue: LogQueue, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.errors = [OperationalError("password=SECRET")] * 3
    gate.open.set()

    queue.put(call("hello"), "default")

    assert queue.drain(10)
    assert script.texts == []
    assert "1 log records could not be written to the outbox (OperationalError)" in caplog.text
    assert "SECRET" not in caplog.text


def test_a_wrong_setting_does_not_end_the_thread(
    queue: LogQueue, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    gate.errors = [ValueError("token=SECRET")]
    gate.open.set()

    queue.put(call("lost"), "default")
    assert queue.drain(10)
    queue.put(call("fine"), "default")

    assert queue.drain(10)
    assert script.texts == ["fine"]
    assert "could not become a message and is lost: ValueError" in caplog.text
    assert "SECRET" not in caplog.text


def test_a_record_that_cannot_become_a_message_takes_no_other_along(
    queue: LogQueue, gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    queue.put(call("first"), "default")
    gate.entered.wait(10)
    queue.put(call("before"), "default")
    queue.put({**call("wrong"), "message_format": "md"}, "default")
    queue.put(call("after"), "default")

    gate.open.set()

    assert queue.drain(10)
    assert script.texts == ["first", "before", "after"]
    assert (
        "A log record for the room 'Ops' of the connection default could not become a message and "
        "is lost: message_format 'md': must be one of html, text." in caplog.text
    )


def test_a_thread_that_could_not_start_is_started_with_the_next_record(
    queue: LogQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(thread: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    with monkeypatch.context() as trouble:
        trouble.setattr(threading.Thread, "start", fail)
        with pytest.raises(RuntimeError):
            queue.put(call("first"), "default")
    queue.put(call("second"), "default")

    assert queue.drain(10)
    assert script.texts == ["first", "second"]


def test_a_forked_process_starts_with_an_empty_queue_and_writes_its_own(
    queue: LogQueue, gate: Gate
) -> None:
    queue.put(call("of the parent"), "default")
    gate.entered.wait(10)
    queue.put(call("waiting in the parent"), "default")

    # The child ends within the expression: nothing of the test runs twice.
    child = os.fork() or os._exit(bool(queue._entries) or queue._thread is not None)
    _, status = os.waitpid(child, 0)
    gate.open.set()

    assert os.waitstatus_to_exitcode(status) == 0
    assert queue.drain(10)
    assert script.texts == ["of the parent", "waiting in the parent"]


def test_a_record_of_djangos_start_waits_until_django_is_ready(
    queue: LogQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = threading.Event()
    monkeypatch.setattr(apps, "ready", False)
    monkeypatch.setattr(apps, "ready_event", ready)

    with capture_messages() as sent:
        queue.put(call("early"), "default")
        before = list(sent)
        monkeypatch.setattr(apps, "ready", True)
        ready.set()
        assert queue.drain(10)

    assert before == []
    assert [message["message"] for message in sent] == ["early"]


def test_a_test_may_change_the_backend_after_a_record(queue: LogQueue) -> None:
    queue.put(call("queued"), "default")
    assert queue.drain(10)

    with capture_messages() as sent:
        queue.put(call("at once"), "default")

    assert [message["message"] for message in sent] == ["at once"]
