"""What holds while several windows are under way at once."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from djhipchat2.backends.base import Allowance
from djhipchat2.delivery import drain, engine, pace, record
from djhipchat2.delivery.crew import Crew
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.message import Message
from djhipchat2.models import WHOLE_CONNECTION, OutboundMessage, Room
from djhipchat2.signals import message_sent
from djhipchat2.states import HoldReason, Status, Trigger
from tests.delivery.paces import SlowPace
from tests.scripted import ACCEPTED, Script

pytestmark = pytest.mark.django_db


def flush(crew: Crew | None = None) -> Summary:
    return engine.flush(Run(Trigger.FLUSH), crew=crew)


@pytest.fixture
def two_under_way(
    chat: Script, queued: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> threading.Event:
    """Two rooms with a message each, which leave together; the second ends at the event."""
    settings.HIPCHAT_THREADS = 2
    monkeypatch.setattr(pace, "Pace", SlowPace)
    both, end = threading.Event(), threading.Event()

    def wait(message: Message) -> None:
        if message.text == "second":
            both.set()
            assert end.wait(20)
        else:
            assert both.wait(20)

    chat.before = wait
    queued("first", "Dev")
    queued("second", "Ops")
    return end


def test_what_is_under_way_when_the_limit_is_heard_of_is_counted(
    chat: Script, two_under_way: threading.Event, connect: Any
) -> None:
    told = replace(ACCEPTED, allowance=Allowance(total=100, left=99, seconds=60))
    chat.by_text = {"first": told, "second": told}
    taken: list[int] = []

    def hear(**kwargs: Any) -> None:
        taken.append(Room.objects.get(room_id=WHOLE_CONNECTION).limit_taken)
        two_under_way.set()

    connect(message_sent, hear)

    flush()

    assert taken[0] == 1
    assert Room.objects.get(room_id=WHOLE_CONNECTION).limit_taken == 0


def test_an_interruption_waits_for_what_the_other_threads_have_in_hand(
    chat: Script, two_under_way: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.by_text["first"] = SystemExit(3)
    original = Crew.finished
    interrupted = False

    def finished(crew: Crew) -> list[Any]:
        nonlocal interrupted
        if interrupted:
            two_under_way.set()
        windows = original(crew)
        interrupted = interrupted or any(w.interruption for w in windows)
        return windows

    monkeypatch.setattr(Crew, "finished", finished)

    with pytest.raises(SystemExit):
        flush()

    assert OutboundMessage.objects.get(message="second").status == Status.SENT


@pytest.mark.django_db(transaction=True)
def test_an_interruption_ends_though_the_last_answer_cannot_be_recorded(
    two_under_way: threading.Event, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: Summary) -> None:
        monkeypatch.setattr(record, "record", fail)
        two_under_way.set()
        raise KeyboardInterrupt

    def fail(*args: Any, **options: Any) -> Any:
        message = "server closed the connection"
        raise OperationalError(message)

    settings.HIPCHAT_LEASE_SECONDS = 1

    with pytest.raises(OperationalError):
        engine.flush(Run(Trigger.FLUSH, progress=interrupt))

    assert OutboundMessage.objects.get(message="second").status == Status.SENDING
    assert not Room.objects.exclude(lease_token="").exists()


def test_a_crew_that_is_kept_brings_nothing_of_a_run_that_failed_to_the_next(
    chat: Script, queued: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    settings.HIPCHAT_THREADS = 4
    settings.HIPCHAT_LEASE_SECONDS = 1
    numbers = ("0", "1", "2")
    answers = [threading.Event() for _ in numbers]
    everyone = threading.Barrier(len(numbers), action=answers[0].set)

    def wait(message: Message) -> None:
        everyone.wait(20)
        assert answers[int(message.text)].wait(20)

    def fail(tried: Any, **kwargs: Any) -> Any:
        for answer in answers[int(tried[-1].attempts[-1].row.message) + 1 :][:1]:
            answer.set()
        message = "server closed the connection"
        raise OperationalError(message)

    rows = [queued(number, number) for number in numbers]

    with Crew(4) as crew:
        with monkeypatch.context() as trouble:
            trouble.setattr(chat, "before", wait)
            trouble.setattr(record, "record", fail)
            with pytest.raises(OperationalError):
                flush(crew)
        left = crew.under_way
        queued("later", "Zoo")
        summary = flush(crew)

    assert left == 0
    assert summary == Summary(sent=1, recovered=3)
    assert all(f"messages {row.pk} could not be recorded" in caplog.text for row in rows)


def test_while_a_probe_is_under_way_nothing_else_leaves(
    chat: Script, queued: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HIPCHAT_THREADS = 4
    Room.objects.create(
        connection="default",
        room_id=WHOLE_CONNECTION,
        hold_reason=HoldReason.UNREACHABLE,
        hold_until=timezone.now(),
        failures=5,
    )
    for name in ("Dev", "Ops", "Zoo"):
        queued(name, name)
    asked_again = threading.Event()
    under_way: list[int] = []
    original = drain.compose

    def compose(*args: Any, **options: Any) -> Any:
        under_way.append(options["in_hand"].total())
        if under_way.count(1) == 3:
            asked_again.set()
        return original(*args, **options)

    monkeypatch.setattr(drain, "compose", compose)
    chat.before = lambda message: asked_again.wait(20)

    assert flush() == Summary(sent=3)

    assert max(under_way[:4]) == 1
