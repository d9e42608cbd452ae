from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from djhipchat2 import operations
from djhipchat2.api import send_message
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run
from djhipchat2.models import Heartbeat, OutboundMessage, Room
from djhipchat2.states import Trigger
from tests.scripted import LIMITED, PATH, REJECTED, script

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def chat(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_THREADS = 1
    script.clear()


def queue(text: str = "hello", room_id: str = "Ops", **options: Any) -> OutboundMessage:
    return send_message(room_id, text, defer=True, **options)


def explain(*arguments: str) -> str:
    out = io.StringIO()
    call_command("hipchat_explain", *arguments, stdout=out)
    return out.getvalue()


def explain_json(*arguments: str) -> Any:
    return json.loads(explain(*arguments, "--json"))


def seen(minutes: float) -> None:
    """Let the last flush have been so many minutes ago."""
    Heartbeat.objects.update_or_create(
        kind=Trigger.FLUSH,
        host="web1",
        defaults={
            "worker": "web1:7:MainThread",
            "seen_at": timezone.now() - timedelta(minutes=minutes, seconds=5),
        },
    )


def test_a_message_that_nobody_delivers_is_explained_with_the_remedy() -> None:
    row = queue()
    seen(minutes=7)

    said = explain(str(row.pk))

    assert said.startswith(
        f"{row.pk} to Ops: queued. Due now, and nobody has delivered it: run manage.py "
        f"hipchat_flush_outbox. "
    )
    assert "The last flush was 7\xa0minutes ago, by web1:7:MainThread." in said


def test_an_outbox_that_nobody_has_ever_flushed_says_so() -> None:
    row = queue()

    assert "Nobody has ever flushed this outbox." in explain(str(row.pk))
    assert "Nobody has ever flushed this outbox." in explain()


def test_a_message_is_explained_for_programs() -> None:
    at = timezone.now() + timedelta(hours=1)
    row = queue(deliver_at=at)

    (told,) = explain_json(str(row.pk))

    assert told["id"] == row.pk
    assert (told["connection"], told["room"], told["status"]) == ("default", "Ops", "queued")
    assert (told["attempts"], told["reason"]) == (0, "not due")
    assert told["text"].startswith("Waits until ")
    assert told["until"] == at.isoformat()


def test_several_messages_are_explained_in_the_order_asked_for() -> None:
    script.results = [REJECTED]
    failed, waiting = queue("one"), queue("two", "Dev")
    engine.deliver_room("default", "Ops", Run(Trigger.FLUSH))

    told = explain_json(str(waiting.pk), str(failed.pk))

    assert [entry["reason"] for entry in told] == ["due", "failed"]
    assert [entry["until"] for entry in told] == [None, None]


def test_a_message_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CommandError, match=r"There is no message 98, 99; perhaps it was purged\."):
        explain("98", "99")


def test_messages_that_are_there_are_explained_beside_those_that_are_not() -> None:
    row = queue()
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"There is no message 99; perhaps it was purged\."):
        call_command("hipchat_explain", "99", str(row.pk), "--json", stdout=out)

    (told,) = json.loads(out.getvalue())
    assert told["id"] == row.pk


def test_the_outbox_is_explained_with_what_waits() -> None:
    queue()
    queue(deliver_at=timezone.now() + timedelta(hours=1))
    OutboundMessage.objects.update(created=timezone.now() - timedelta(hours=2))

    said = explain()

    assert said.startswith("2 queued, 1 of them due; 0 being sent; 0 waiting for a decision.\n")
    assert "The oldest that is due has been waiting for 2\xa0hours.\n" in said
    assert "Nobody is delivering just now. Run manage.py hipchat_flush_outbox.\n" in said


def test_an_empty_outbox_has_little_to_tell() -> None:
    seen(minutes=1)

    assert explain().splitlines() == [
        "0 queued, 0 of them due; 0 being sent; 0 waiting for a decision.",
        "The last flush was 1\xa0minute ago, by web1:7:MainThread.",
    ]


def test_a_flush_is_seen() -> None:
    engine.flush(Run(Trigger.FLUSH, worker="web2:8:MainThread"))

    told = explain_json()["last_flush"]

    assert told["worker"] == "web2:8:MainThread"
    assert told["seconds_ago"] < 60


def test_holds_are_explained_by_reason_note_and_name() -> None:
    operations.pause("default", "Ops", note="incident 7", by="anna")
    operations.pause("default")
    script.results = [LIMITED]
    queue("one", "Dev")
    operations.resume("default")
    engine.flush(Run(Trigger.FLUSH))

    lines = explain().splitlines()

    (dev,) = [line for line in lines if line.startswith("Room Dev (default) is on hold until 2")]
    (ops,) = [line for line in lines if line.startswith("Room Ops (default)")]
    assert ": the chat limits how much it takes, since 2" in dev
    assert "is on hold until somebody resumes it: anna has paused it (incident 7), since" in ops


def test_a_paused_connection_is_told() -> None:
    operations.pause("default", note="moving house")
    Room.objects.update(held_at=None)

    assert (
        "The connection default is on hold until somebody resumes it: somebody has paused it "
        "(moving house).\n"
    ) in explain()
    (hold,) = explain_json()["holds"]
    assert (hold["connection"], hold["room"], hold["reason"]) == ("default", None, "paused")
    assert (hold["note"], hold["by"], hold["since"], hold["until"]) == (
        "moving house",
        "",
        None,
        None,
    )


def test_leases_are_told_with_their_workers() -> None:
    now = timezone.now()
    for name, minutes in (("Dev", 5), ("Ops", -5)):
        Room.objects.create(
            connection="default",
            room_id=name,
            lease_token="t",
            lease_owner="web1:7:MainThread",
            leased_at=now if name == "Dev" else None,
            lease_expires_at=now + timedelta(minutes=minutes),
        )

    said = explain()

    assert "Room Dev (default) is being delivered to by web1:7:MainThread since 2" in said
    assert (
        "Room Ops (default) was leased by web1:7:MainThread, which has gone silent. The next flush "
        "takes it over."
    ) in said
    assert [lease["room"] for lease in explain_json()["leases"]] == ["Dev", "Ops"]


def test_connections_that_this_process_cannot_use_are_told() -> None:
    queue()
    OutboundMessage.objects.update(connection="gone")
    queue()

    assert explain_json()["unknown_connections"] == ["gone"]
    assert (
        "The connection gone cannot be used by this process, so its messages wait: The connection "
        "'gone' is not configured in this process. Known: default. Add it to HIPCHAT_CONNECTIONS. "
        "If it is gone for good, cancel them in the admin.\n"
    ) in explain()


def test_no_flush_is_asked_for_by_what_a_flush_could_not_send() -> None:
    row = queue()
    OutboundMessage.objects.update(connection="gone")

    said = explain(str(row.pk))
    (told,) = explain_json(str(row.pk))

    assert told["reason"] == "connection unusable"
    assert said == (
        f"{row.pk} to Ops: queued. Due now, and waits because this process cannot use its "
        f"connection: The connection 'gone' is not configured in this process. Known: default. Add "
        f"it to HIPCHAT_CONNECTIONS.\n"
    )
    assert "hipchat_flush_outbox" not in explain()


def test_a_connection_without_its_token_is_told_with_the_remedy(settings: Any) -> None:
    queue()
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"

    assert (
        "The connection default cannot be used by this process, so its messages wait: HipChat API "
        "token not set: set HIPCHAT_API_TOKEN, or the option token of the connection default.\n"
    ) in explain()


def test_a_message_of_another_way_out_is_not_due_for_this_process(settings: Any) -> None:
    row = queue()
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.locmem.HipChatBackend"

    said = explain(str(row.pk))

    assert "which sends them nowhere. Set DJANGO_SETTINGS_MODULE to the settings of the s" in said


def test_everything_is_said_in_one_language() -> None:
    row = queue()
    operations.pause("default", "Dev")
    seen(minutes=7)

    with translation.override("de"):
        said = explain() + explain(str(row.pk))

    assert "somebody has paused it" in said
    assert said.count("The last flush was 7\xa0minutes ago, by web1:7:MainThread.") == 2


def test_the_outbox_is_explained_for_programs() -> None:
    queue()

    told = explain_json()

    assert (told["queued"], told["due"], told["sending"], told["undecided"]) == (1, 1, 0, 0)
    assert told["oldest_due_seconds"] < 60
    assert told["last_flush"] is None


def test_a_room_s_hold_is_found_as_the_database_compares_names() -> None:
    operations.pause("default", "Ops")
    row = queue(room_id="ops")
    # MariaDB's usual collations have one row for both names, which the worker goes by.
    is_folded = Room.objects.filter(room_id="ops").exists()

    (told,) = explain_json(str(row.pk))

    assert told["reason"] == ("room held" if is_folded else "due")
