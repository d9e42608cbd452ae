from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from djhipchat2.api import send_message
from djhipchat2.delivery.purge import purge, purgeable
from djhipchat2.models import DeliveryAttempt, OutboundMessage
from djhipchat2.operations import resend
from djhipchat2.states import FINAL, Status

pytestmark = pytest.mark.django_db


def message(status: str = "sent", days_ago: float = 40) -> OutboundMessage:
    row = send_message("Ops", f"{status} {days_ago:g} days ago", defer=True)
    ended = timezone.now() - timedelta(days=days_ago)
    OutboundMessage.objects.filter(pk=row.pk).update(
        status=status,
        created=ended,
        finished_at=ended if status in FINAL else None,
        sent_at=ended if status == Status.SENT else None,
        lease_token="t" if status == Status.SENDING else "",
        attempt_started_at=ended if status == Status.SENDING else None,
    )
    return row


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("hipchat_purge_outbox", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def left() -> list[str]:
    return list(OutboundMessage.objects.order_by("pk").values_list("message", flat=True))


def test_what_ended_long_ago_is_deleted_with_its_attempts() -> None:
    old = send_message("Ops", "old")
    recent = send_message("Ops", "recent")
    moment = timezone.now() - timedelta(days=31)
    OutboundMessage.objects.filter(pk=old.pk).update(sent_at=moment, finished_at=moment)

    out = run()

    assert out == "1 found, 1 deleted.\n"
    assert left() == ["recent"]
    assert DeliveryAttempt.objects.get().message_id == recent.pk


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SENDING])
def test_an_unsent_message_stays_whatever_its_age(status: Status) -> None:
    message(status, days_ago=4_000)

    run("--older-than", "0")

    assert OutboundMessage.objects.count() == 1


def test_an_unsent_status_matches_nothing_even_if_asked_for() -> None:
    message("queued", days_ago=4_000)

    rows = purgeable("default", timedelta(0), [Status.QUEUED, Status.SENDING])

    assert purge(rows, batch_size=10) == 0


def test_age_and_status_choose() -> None:
    for status in ("sent", "failed", "expired", "cancelled"):
        message(status, days_ago=10)
        message(status, days_ago=3)

    run("--older-than", "7", "--status", "sent", "--status", "expired")

    assert left() == [
        "sent 3 days ago",
        "failed 10 days ago",
        "failed 3 days ago",
        "expired 3 days ago",
        "cancelled 10 days ago",
        "cancelled 3 days ago",
    ]


def test_a_dry_run_only_counts() -> None:
    message()

    out = json.loads(run("--dry-run", "--json"))

    assert out == {"found": 1, "deleted": 0}
    assert OutboundMessage.objects.count() == 1


def test_batches_bound_each_transaction() -> None:
    seen: list[int] = []
    for _ in range(7):
        message()

    deleted = purge(purgeable("default", timedelta(days=1)), batch_size=3, progress=seen.append)

    assert deleted == 7
    assert seen == [3, 6, 7]


def test_a_stop_is_heeded_between_batches() -> None:
    for _ in range(4):
        message()
    seen: list[int] = []

    purge(
        purgeable("default", timedelta(days=1)),
        batch_size=2,
        stop=lambda: bool(seen),
        progress=seen.append,
    )

    assert OutboundMessage.objects.count() == 2


def test_a_copy_outlives_the_message_that_it_was_made_of() -> None:
    old = message("failed")
    old.refresh_from_db()
    copy = resend(old, defer=True)

    run()

    copy.refresh_from_db()
    assert copy.resend_of is None


def test_a_dedupe_key_is_free_again() -> None:
    send_message("Ops", "x", dedupe_key="k")

    run("--older-than", "0")

    assert send_message("Ops", "y", dedupe_key="k").message == "y"


@pytest.mark.parametrize("arguments", [["--older-than", "-1"], ["--older-than", "a month"]])
def test_a_wrong_age_is_told(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="is not a number of days from 0 to 36500"):
        run(*arguments)


def test_a_status_that_is_not_final_is_no_choice() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'queued'"):
        run("--status", "queued")


def test_a_terminal_shows_a_bar() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    message()
    options: dict[str, Any] = {"stdout": io.StringIO(), "stderr": terminal}

    call_command("hipchat_purge_outbox", **options)

    assert "/1 [" in terminal.getvalue()
