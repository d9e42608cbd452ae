"""Who is told of what, and how often: one announcement a room and a commit."""

from __future__ import annotations

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connections as databases
from django.db import transaction
from django.db.backends.sqlite3.base import DatabaseWrapper

from djhipchat2 import asend_message, dispatch, send_message
from djhipchat2.connections import connections
from djhipchat2.delivery import engine
from djhipchat2.models import OutboundMessage
from tests.backends.sending import a_message
from tests.dispatch.listening import DEV, OPS, Listener

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_room_is_announced_once_a_transaction(heard: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        for _ in range(100):
            send_message("Ops", "hello")
        send_message("Dev", "hello")
        send_message("Ops", "hello", using="audit")
        assert heard == []

    assert heard == [OPS, DEV, ("audit", "Ops")]


def test_without_a_transaction_each_message_is_announced(heard: list[tuple[str, str]]) -> None:
    send_message("Ops", "hello")
    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_each_transaction_announces_for_itself(heard: list[tuple[str, str]]) -> None:
    for _ in range(2):
        with transaction.atomic():
            send_message("Ops", "hello")
            send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_nested_transactions_are_one(heard: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        send_message("Ops", "hello")
        with transaction.atomic():
            send_message("Ops", "hello")
            with transaction.atomic():
                send_message("Dev", "hello")

    assert heard == [OPS, DEV]


def test_a_savepoint_that_is_rolled_back_takes_only_its_own_announcement_along(
    heard: list[tuple[str, str]],
) -> None:
    with transaction.atomic():
        with transaction.atomic():
            send_message("Ops", "not sent")
            send_message("Dev", "not sent")
            transaction.set_rollback(True)
        send_message("Ops", "hello")

    assert heard == [OPS]


def test_a_savepoint_that_is_rolled_back_leaves_the_announcements_before_it(
    heard: list[tuple[str, str]],
) -> None:
    with transaction.atomic():
        send_message("Ops", "hello")
        with transaction.atomic():
            send_message("Ops", "not sent")
            transaction.set_rollback(True)

    assert heard == [OPS]


def test_a_transaction_that_is_rolled_back_leaves_nothing_to_the_next(
    heard: list[tuple[str, str]],
) -> None:
    with transaction.atomic():
        send_message("Ops", "not sent")
        send_message("Dev", "not sent")
        transaction.set_rollback(True)
    with transaction.atomic():
        send_message("Ops", "hello")

    assert heard == [OPS]


def test_what_an_announcement_sends_is_announced_as_well(heard: list[tuple[str, str]]) -> None:
    Listener.then.append(lambda: send_message("Ops", "about the first"))

    with transaction.atomic():
        send_message("Ops", "hello")
        send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_asynchronous_callers_are_announced_one_by_one(heard: list[tuple[str, str]]) -> None:
    async def send_twice() -> None:
        await asend_message("Ops", "hello")
        await asend_message("Ops", "hello")

    async_to_sync(send_twice)()

    assert heard == [OPS, OPS]


def test_a_transaction_of_asynchronous_code_is_announced_once(
    heard: list[tuple[str, str]],
) -> None:
    def send_in_transaction() -> None:
        with transaction.atomic():
            send_message("Ops", "hello")
            send_message("Ops", "hello")

    async_to_sync(sync_to_async(send_in_transaction))()

    assert heard == [OPS]


def test_transactions_of_two_databases_are_two_commits(
    heard: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests have one database; a second one in memory has transactions of its own.
    memory = {**databases.settings["default"], "NAME": ":memory:", "OPTIONS": {}}
    other = DatabaseWrapper(memory, alias="default")
    monkeypatch.setattr(databases._connections, "other", other, raising=False)
    alias = {"now": "default"}
    monkeypatch.setattr(engine, "database", lambda: alias["now"])

    def write_to(database: str) -> None:
        alias["now"] = database
        row = OutboundMessage(connection="default", room_id="Ops")
        dispatch.announce([(row, a_message())], connections["default"])

    with transaction.atomic("default"):
        write_to("default")
        with transaction.atomic("other"):
            write_to("other")
            write_to("other")
        assert heard == [OPS]
        write_to("default")

    assert heard == [OPS, OPS]
    other.close()
