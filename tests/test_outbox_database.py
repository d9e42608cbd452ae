"""An outbox that a router puts into another database than the project's own."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction

from djhipchat2 import operations
from djhipchat2.api import send_message, send_messages
from djhipchat2.delivery import engine
from djhipchat2.delivery.run import Run, Summary
from djhipchat2.models import DeliveryAttempt, Heartbeat, OutboundMessage, Room
from djhipchat2.states import Status, Trigger
from tests.scripted import PATH, UNAVAILABLE, Script, script

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "outbox"])


class Router:
    """Puts djhipchat2's models into the database ``outbox``."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        return "outbox" if model._meta.app_label == "djhipchat2" else None

    db_for_write = db_for_read


@pytest.fixture(autouse=True)
def chat(settings: Any) -> Script:
    settings.DATABASE_ROUTERS = ["tests.test_outbox_database.Router"]
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_THREADS = 2
    script.clear()
    return script


def everything_in(alias: str) -> int:
    models = (OutboundMessage, DeliveryAttempt, Room, Heartbeat)
    return sum(model._default_manager.using(alias).count() for model in models)


def test_rows_are_written_and_delivered_there(chat: Script) -> None:
    row = send_message("Ops", "hello")

    assert OutboundMessage.objects.using("outbox").get(pk=row.pk).status == Status.SENT
    assert everything_in("default") == 0


def test_delivery_waits_for_the_outboxs_own_transaction(chat: Script) -> None:
    with transaction.atomic(using="outbox"):
        send_message("Ops", "hello")
        assert chat.texts == []

    assert chat.texts == ["hello"]


def test_a_rollback_of_the_outboxs_transaction_takes_the_message_along(chat: Script) -> None:
    with transaction.atomic(using="outbox"):
        send_message("Ops", "hello")
        transaction.set_rollback(True, using="outbox")

    assert chat.texts == []
    assert everything_in("outbox") == 0


def test_a_transaction_of_the_other_database_is_not_held_open_by_delivery(chat: Script) -> None:
    with transaction.atomic(using="default"):
        send_message("Ops", "hello")
        send_message("Dev", "hello, too")
        assert chat.texts == []

    assert chat.texts == ["hello", "hello, too"]


def test_a_rollback_of_the_other_databases_transaction_leaves_the_message_to_a_flush(
    chat: Script,
) -> None:
    with transaction.atomic(using="default"):
        Group.objects.create(name="rolled back")
        send_message("Ops", "hello")
        transaction.set_rollback(True, using="default")
    assert chat.texts == []

    assert engine.flush(Run(Trigger.FLUSH)) == Summary(sent=1)


def test_a_flush_finds_retries_and_records_there(chat: Script) -> None:
    chat.results = [UNAVAILABLE]
    rows = send_messages([{"room_id": "Ops", "message": str(n)} for n in range(3)], defer=True)

    summary = engine.flush(Run(Trigger.FLUSH))

    assert summary == Summary(sent=2, retried=1)
    assert rows[0].__class__.objects.using("outbox").queued().count() == 1
    assert everything_in("default") == 0


def test_operators_work_there() -> None:
    row = send_message("Ops", "hello")
    copy = operations.resend(row)
    operations.pause("default", "Ops", by="anna")
    waiting = send_message("Ops", "more")
    operations.cancel(waiting)
    operations.resume("default", "Ops")

    copy.refresh_from_db()
    assert (copy.status, waiting.status) == (Status.SENT, Status.CANCELLED)
    assert everything_in("default") == 0


def test_the_same_key_finds_its_row_there() -> None:
    first = send_message("Ops", "hello", dedupe_key="deploy-7")

    assert send_message("Ops", "hello again", dedupe_key="deploy-7").pk == first.pk


def test_commands_work_there() -> None:
    send_message("Ops", "hello", defer=True)

    for command in ("hipchat_flush_outbox", "hipchat_purge_outbox", "hipchat_explain"):
        out = io.StringIO()
        call_command(command, "--json", stdout=out, stderr=io.StringIO())
        assert json.loads(out.getvalue())

    assert everything_in("default") == 0
