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
from django.db.models.signals import post_save
from django.utils import timezone

from djhipchat2.api import send_message
from djhipchat2.models import OutboundMessage
from djhipchat2.operations import resend
from djhipchat2.states import Status
from tests.scripted import PATH, REJECTED, UNAVAILABLE, Script, script

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chat(settings: Any) -> Script:
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH}}
    script.clear()
    return script


def queue(text: str, room_id: str = "Ops", **options: Any) -> OutboundMessage:
    return send_message(room_id, text, defer=True, **options)


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("hipchat_flush_outbox", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


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


def test_retry_failed_resends_each_failed_message_once(chat: Script) -> None:
    chat.results = [REJECTED]
    failed = queue("one")
    with pytest.raises(CommandError):
        run()

    out = json.loads(run("--retry-failed", "--json"))
    again = json.loads(run("--retry-failed", "--json"))

    failed.refresh_from_db()
    assert (out["resent"], out["sent"]) == (1, 1)
    assert (again["resent"], again["sent"]) == (0, 0)
    assert failed.resent_as.status == Status.SENT


def test_retry_failed_keeps_to_the_room_the_connection_and_the_limit(chat: Script) -> None:
    chat.results = [REJECTED] * 4
    queue("a")
    queue("b", "Dev")
    queue("c", using="audit")
    queue("d", using="audit")
    with pytest.raises(CommandError):
        run()

    run("--retry-failed", "--using", "audit", "--room", "Ops", "--limit", "1")

    assert [row.message for row in OutboundMessage.objects.exclude(resend_of=None)] == ["c"]


def fail(chat: Script, *texts: str, **options: Any) -> list[OutboundMessage]:
    """Have messages refused."""
    chat.results = [REJECTED] * len(texts)
    rows = [queue(text, **options) for text in texts]
    with pytest.raises(CommandError):
        run()
    return rows


def test_retry_failed_says_how_many_are_resent(chat: Script) -> None:
    fail(chat, "one", "two")

    out = run("--retry-failed")

    assert out.splitlines()[0] == "2 resent."
    assert out.splitlines()[1].startswith("2 sent, ")


def test_a_message_that_cannot_be_resent_is_told_and_stops_no_other(
    chat: Script, settings: Any
) -> None:
    (lost,) = fail(chat, "one", using="audit")
    fail(chat, "two")
    queue("three")
    settings.HIPCHAT_CONNECTIONS = {}
    out, err = io.StringIO(), io.StringIO()

    with pytest.raises(CommandError, match="Not everything was sent"):
        call_command("hipchat_flush_outbox", "--retry-failed", stdout=out, stderr=err)

    assert err.getvalue().startswith(f"Message {lost.pk} cannot be resent. The connection 'audit' ")
    assert out.getvalue().startswith("1 resent.\n2 sent, ")


def test_a_message_that_another_process_resends_meanwhile_is_left_to_it(chat: Script) -> None:
    first, second = fail(chat, "one", "two")

    def resend_second(instance: OutboundMessage, **_: Any) -> None:
        if instance.resend_of_id == first.pk:
            resend(second, defer=True)

    post_save.connect(resend_second, sender=OutboundMessage)
    try:
        out = run("--retry-failed")
    finally:
        post_save.disconnect(resend_second, sender=OutboundMessage)

    assert out.startswith("1 resent.\n2 sent, ")


def test_a_dry_run_counts_what_would_be_resent(chat: Script) -> None:
    fail(chat, "one", "two")
    queue("three")

    assert run("--dry-run", "--retry-failed") == (
        "1 to Ops (default)\n2 failed, to be resent.\n1 due; nothing was sent.\n"
    )
    assert json.loads(run("--dry-run", "--retry-failed", "--limit", "1", "--json"))["failed"] == 1


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
