from __future__ import annotations

import io
import json
import os
import signal
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from djhipchat2.models import OutboundMessage
from tests.commands.flushing import queue, run
from tests.scripted import REJECTED, UNAVAILABLE, Script

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("chat")]


def test_what_is_due_is_delivered_and_counted(chat: Script) -> None:
    queue("one")
    queue("two", "Dev")

    out = run()

    assert sorted(chat.texts) == ["one", "two"]
    assert out == "2 sent, 0 failed, 0 retried, 0 expired, 0 recovered, 0 skipped rooms.\n"


def test_an_empty_outbox_is_no_error() -> None:
    assert run().startswith("0 sent")


@pytest.mark.parametrize("result", [REJECTED, UNAVAILABLE])
def test_anything_not_sent_is_an_exit_code(chat: Script, result: Any) -> None:
    chat.results = [result]
    queue("one")
    queue("two")

    with pytest.raises(CommandError, match="Not everything was sent") as error:
        run()

    assert error.value.returncode == 1
    assert chat.texts == ["one", "two"]


def test_json_is_for_programs() -> None:
    queue("one")

    summary = json.loads(run("--json"))

    assert summary == {
        "sent": 1,
        "failed": 0,
        "retried": 0,
        "expired": 0,
        "recovered": 0,
        "skipped_rooms": 0,
        "resent": 0,
    }


def test_limit_bounds_the_number() -> None:
    for number in range(5):
        queue(str(number))

    run("--limit", "2")

    assert OutboundMessage.objects.queued().count() == 3


def test_using_and_room_choose(chat: Script) -> None:
    queue("a")
    queue("b", "Dev")
    queue("c", using="audit")

    run("--room", "Ops", "--using", "audit")

    assert chat.texts == ["c"]


def test_an_unknown_connection_is_told() -> None:
    with pytest.raises(CommandError, match="no connection 'nowhere'; known are default, audit"):
        run("--using", "nowhere")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--limit", "0"], "'0' is not a number of 1 or more"),
        (["--limit", "many"], "'many' is not a number of 1 or more"),
        (["--watch", "0"], "'0' is not a number of seconds from 0.1 to 86400"),
        (["--watch", "soon"], "'soon' is not a number of seconds"),
    ],
)
def test_a_wrong_option_is_told(arguments: list[str], error: str) -> None:
    with pytest.raises(CommandError, match=error):
        run(*arguments)


@pytest.mark.parametrize("also", [(), ("--dry-run",), ("--json",), ("--retry-failed",)])
def test_a_room_in_which_nothing_waits_is_told(chat: Script, also: tuple[str, ...]) -> None:
    queue("one")
    queue("two", "Dev", using="audit")
    err = io.StringIO()

    call_command("hipchat_flush_outbox", "--room", "nope", *also, stdout=io.StringIO(), stderr=err)

    assert err.getvalue() == (
        "Nothing waits in the room 'nope'. Rooms with queued messages: Dev (audit), Ops (default)."
        "\n"
    )


def test_a_connection_for_which_nothing_waits_is_told(chat: Script) -> None:
    err = io.StringIO()

    call_command(
        "hipchat_flush_outbox",
        *("--room", "Ops", "--using", "audit"),
        stdout=io.StringIO(),
        stderr=err,
    )

    assert err.getvalue() == "Nothing waits in the room 'Ops' of the connection 'audit'.\n"


def test_a_room_in_which_something_waits_needs_no_word(chat: Script) -> None:
    queue("one")
    err = io.StringIO()

    call_command("hipchat_flush_outbox", "--room", "Ops", stdout=io.StringIO(), stderr=err)

    assert err.getvalue() == ""


def test_a_dry_run_says_what_is_due_and_sends_nothing(chat: Script) -> None:
    queue("one")
    queue("two")
    queue("three", "Dev")
    queue("later", "Later", deliver_at=timezone.now() + timedelta(hours=1))

    out = run("--dry-run")

    assert out == "1 to Dev (default)\n2 to Ops (default)\n3 due; nothing was sent.\n"
    assert chat.texts == []


def test_a_dry_run_as_json() -> None:
    queue("one")
    queue("two", "Dev")

    out = json.loads(run("--dry-run", "--json", "--room", "Ops"))

    assert out == {"due": 1, "rooms": [{"connection": "default", "room": "Ops", "due": 1}]}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar() -> None:
    terminal = Terminal()
    queue("one")

    call_command("hipchat_flush_outbox", stdout=io.StringIO(), stderr=terminal)

    shown = terminal.getvalue()
    assert "1/1" in shown
    assert "sent=1" in shown
    assert "\n" not in shown


def test_a_log_file_gets_no_bar() -> None:
    err = io.StringIO()
    queue("one")

    call_command("hipchat_flush_outbox", stdout=io.StringIO(), stderr=err)

    assert err.getvalue() == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_message_in_hand_and_stops(chat: Script, number: int) -> None:
    chat.before = lambda message: os.kill(os.getpid(), number)
    queue("one")
    queue("two")

    out = run()

    assert chat.texts == ["one"]
    assert out.startswith("1 sent")
    assert OutboundMessage.objects.queued().get().attempts == 0


def test_the_signals_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    run()

    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


def test_a_second_interrupt_stops_at_once(chat: Script, settings: Any) -> None:
    settings.HIPCHAT_THREADS = 1  # signals reach the main thread alone

    def interrupt_twice(message: Any) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    chat.before = interrupt_twice
    queue("one")

    with pytest.raises(KeyboardInterrupt):
        run()


@pytest.mark.django_db(transaction=True)
def test_watch_goes_on_until_it_is_stopped(chat: Script) -> None:
    def write_more(message: Any) -> None:
        if message.text == "one":
            queue("two", "A room before")
        else:
            os.kill(os.getpid(), signal.SIGTERM)

    chat.before = write_more
    queue("one")

    out = run("--watch", "0.1")

    assert chat.texts == ["one", "two"]
    assert out.count("1 sent") == 2


@pytest.mark.django_db(transaction=True)
def test_watch_survives_a_database_that_is_away(
    chat: Script, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from django.db import OperationalError

    from djhipchat2.delivery import engine

    outages = [OperationalError("password=SECRET"), OperationalError()]
    flush = engine.flush

    def flush_with_outages(*args: Any, **kwargs: Any) -> Any:
        if outages:
            raise outages.pop()
        return flush(*args, **kwargs)

    monkeypatch.setattr(engine, "flush", flush_with_outages)
    chat.before = lambda message: os.kill(os.getpid(), signal.SIGTERM)
    queue("one")

    run("--watch", "0.1")

    assert chat.texts == ["one"]
    assert "The database is away (OperationalError)" in caplog.text
    assert "SECRET" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_outside_the_main_thread_signals_are_left_alone() -> None:
    from django.db import connection

    before = signal.getsignal(signal.SIGTERM)
    queue("one")
    outputs: list[str] = []

    def work() -> None:
        try:
            outputs.append(run())
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert outputs[0].startswith("1 sent")
    assert signal.getsignal(signal.SIGTERM) is before
