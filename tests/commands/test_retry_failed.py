"""``hipchat_flush_outbox --retry-failed``."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models.signals import post_save

from djhipchat2.models import OutboundMessage
from djhipchat2.operations import resend
from djhipchat2.states import Status
from tests.commands.flushing import queue, run
from tests.scripted import REJECTED, Script

pytestmark = pytest.mark.django_db


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


def test_a_message_that_another_process_resends_meanwhile_is_left_to_it(
    chat: Script, connect: Any
) -> None:
    first, second = fail(chat, "one", "two")

    def resend_second(instance: OutboundMessage, **_: Any) -> None:
        if instance.resend_of_id == first.pk:
            resend(second, defer=True)

    connect(post_save, resend_second, sender=OutboundMessage)

    out = run("--retry-failed")

    assert out.startswith("1 resent.\n2 sent, ")


def test_a_dry_run_counts_what_would_be_resent(chat: Script) -> None:
    fail(chat, "one", "two")
    queue("three")

    assert run("--dry-run", "--retry-failed") == (
        "1 to Ops (default)\n2 failed, to be resent.\n1 due; nothing was sent.\n"
    )
    assert json.loads(run("--dry-run", "--retry-failed", "--limit", "1", "--json"))["failed"] == 1
