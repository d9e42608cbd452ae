from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import djhipchat2
from djhipchat2 import operations
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status
from tests.scripted import PATH, REJECTED, UNAVAILABLE, script

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("hipchat", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_room_and_a_message_suffice() -> None:
    out, err = run("Ops", "hello")

    row = OutboundMessage.objects.get()
    assert out == f"Message {row.pk} to Ops: sent.\n"
    assert err == ""
    assert djhipchat2.sent_messages == [
        {
            "room_id": "Ops",
            "from": "Django",
            "message": "hello",
            "message_format": "html",
            "notify": 0,
            "color": "yellow",
            "format": "json",
        }
    ]


@pytest.mark.parametrize(
    "options",
    [
        ["--from", "Bot", "--format", "text", "--notify", "--color", "red"],
        ["-f", "Bot", "--format=text", "-n", "-c", "red"],
    ],
)
def test_the_options_of_2013(options: list[str]) -> None:
    run(*options, "Ops", "hello")

    (payload,) = djhipchat2.sent_messages
    assert payload["from"] == "Bot"
    assert payload["message_format"] == "text"
    assert payload["notify"] == 1
    assert payload["color"] == "red"


def test_the_colour_of_2013_s_callers_is_taken(caplog: pytest.LogCaptureFixture) -> None:
    run("Ops", "hello", "-c", "grey")

    assert djhipchat2.sent_messages[0]["color"] == "gray"
    assert caplog.text == ""


def test_a_dash_reads_the_message_from_the_standard_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("two\nlines\n"))

    run("Ops", "-")

    assert djhipchat2.sent_messages[0]["message"] == "two\nlines"


def test_using_names_the_connection(settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "audit": {"BACKEND": "djhipchat2.backends.dummy.HipChatBackend"}
    }

    run("Ops", "hello", "--using", "audit")

    assert OutboundMessage.objects.get().connection == "audit"
    assert djhipchat2.sent_messages == []


def test_defer_only_writes_it() -> None:
    out, _ = run("Ops", "hello", "--defer")

    assert "queued" in out
    assert OutboundMessage.objects.get().status == Status.QUEUED


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["Ops", ""], "message '': must not be empty"),
        (["Ops", "hello", "--from", "a sender that is too long"], "sender .* 1 to 15 characters"),
        (["Ops", "hello", "--color", "pink"], "invalid choice: 'pink'"),
        (["Ops", "hello", "--using", "nowhere"], "'nowhere' is not configured"),
        (["Ops"], "arguments are required: message"),
    ],
)
def test_a_wrong_argument_is_told_and_writes_nothing(arguments: list[str], error: str) -> None:
    with pytest.raises(CommandError, match=error):
        run(*arguments)

    assert not OutboundMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_refused_message_is_an_error_with_the_servers_words(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    script.results = [REJECTED]

    with pytest.raises(CommandError, match=r"Message \d+ was not sent. no such room"):
        run("Ops", "hello")


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_tried_again_is_no_error_and_says_why(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    script.results = [UNAVAILABLE]

    out, err = run("Ops", "hello")

    assert "queued" in out
    assert err == "Not sent yet, tried again from the outbox. down\n"


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_held_up_is_no_error_and_says_why(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    operations.pause("default", "Ops", note="incident 7", by="anna")

    out, err = run("Ops", "hello")

    assert "queued" in out
    assert err == (
        "Not sent yet. Its room is on hold, until somebody lifts that: anna has paused it "
        "(incident 7).\n"
    )


def test_a_deferred_message_that_waits_for_its_flush_needs_no_reason(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = PATH

    out, err = run("Ops", "hello", "--defer")

    assert out.endswith("to Ops: queued.\n")
    assert err == ""
