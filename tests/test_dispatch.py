"""Who is told of what, and how often: one announcement a room and a commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import OperationalError, transaction
from django.db import connections as databases
from django.db.backends.sqlite3.base import DatabaseWrapper

from djhipchat2 import announcements, asend_message, dispatch, operations, send_message
from djhipchat2.backends.dummy import HipChatBackend
from djhipchat2.connections import connections
from djhipchat2.delivery import engine
from djhipchat2.models import OutboundMessage
from djhipchat2.querysets import OutboundMessageQuerySet
from djhipchat2.states import Status
from tests.backends.sending import a_message

pytestmark = pytest.mark.django_db(transaction=True)


class Listener(HipChatBackend):
    """Remember what was announced; ``then`` is called at each announcement."""

    at_once = False
    by_task = True
    heard: ClassVar[list[tuple[str, str]]] = []
    then: ClassVar[list[Any]] = []

    comes: ClassVar[bool] = False
    """Does somebody who was told come to look, sooner or later?"""

    def announce(self, connection: str, room_id: str, *, delay: float = 0) -> bool:
        self.heard.append((connection, room_id))
        if self.then:
            self.then.pop()()
        return self.comes


@pytest.fixture(autouse=True)
def heard(settings: Any) -> Iterator[list[tuple[str, str]]]:
    settings.HIPCHAT_BACKEND = "tests.test_dispatch.Listener"
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": settings.HIPCHAT_BACKEND}}
    yield Listener.heard
    Listener.heard.clear()
    Listener.then.clear()


MOMENT = datetime(2026, 11, 25, 12, tzinfo=UTC)
OPS = ("default", "Ops")
DEV = ("default", "Dev")


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


@pytest.fixture
def comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is told of a room comes to look, but has not come yet."""
    monkeypatch.setattr(Listener, "comes", True)


def test_a_burst_is_announced_once(heard: list[tuple[str, str]], comes: None) -> None:
    for _ in range(5):
        send_message("Ops", "hello")

    assert heard == [OPS]


def test_each_room_and_connection_of_a_burst_is_announced(
    heard: list[tuple[str, str]], comes: None
) -> None:
    for _ in range(2):
        send_message("Ops", "hello")
        send_message("Dev", "hello")
        send_message("Ops", "hello", using="audit")

    assert heard == [OPS, DEV, ("audit", "Ops")]


@pytest.mark.parametrize(
    "changes",
    [
        {"attempts": 1},
        {"status": Status.SENDING, "attempts": 1, "attempt_started_at": MOMENT, "lease_token": "t"},
        {"status": Status.SENT, "attempts": 1, "finished_at": MOMENT, "sent_at": MOMENT},
        {"status": Status.CANCELLED, "finished_at": MOMENT},
    ],
    ids=["failed once", "under way", "sent", "cancelled"],
)
def test_a_room_is_announced_again_when_somebody_has_come(
    heard: list[tuple[str, str]], comes: None, changes: dict[str, Any]
) -> None:
    first = send_message("Ops", "hello")
    OutboundMessage.objects.filter(pk=first.pk).update(**changes)

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_it_is_the_message_announced_last_that_counts(
    heard: list[tuple[str, str]], comes: None
) -> None:
    first = send_message("Ops", "hello")
    OutboundMessage.objects.filter(pk=first.pk).update(attempts=1)
    send_message("Ops", "hello")

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_a_room_is_announced_again_after_a_while_in_case_that_a_task_was_lost(
    heard: list[tuple[str, str]], comes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_message("Ops", "hello")
    monkeypatch.setattr(announcements, "SECONDS", 0)

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_a_message_that_nobody_was_told_of_covers_no_other(
    heard: list[tuple[str, str]], comes: None
) -> None:
    send_message("Ops", "hello", defer=True)

    send_message("Ops", "hello")

    assert heard == [OPS]


def test_a_row_that_has_got_the_key_of_one_that_is_gone_covers_no_other(
    heard: list[tuple[str, str]], comes: None
) -> None:
    first = send_message("Ops", "rolled back with the test that sent it")
    first.delete()
    OutboundMessage.objects.create(
        pk=first.pk, connection="default", backend="b", room_id="Ops", message="deferred"
    )

    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_a_room_is_announced_if_the_database_cannot_say(
    heard: list[tuple[str, str]], comes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_message("Ops", "hello")

    def fail(self: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(OutboundMessageQuerySet, "exists", fail)
    send_message("Ops", "hello")

    assert heard == [OPS, OPS]


def test_what_was_announced_long_ago_is_forgotten(comes: None) -> None:
    known = dispatch.announcements
    rows = [send_message(f"Room {number}", "hello") for number in range(3)]
    assert len(known._last) == 3

    known._last = {key: last._replace(at=-1e9) for key, last in known._last.items()}
    known.add(rows[0])

    assert len(known._last) == 1


def test_a_drain_that_an_operator_asks_for_is_announced_in_any_case(
    heard: list[tuple[str, str]], comes: None
) -> None:
    send_message("Ops", "hello")

    operations.drain(*OPS)

    assert heard == [OPS, OPS]


def test_a_room_that_is_resumed_is_announced_in_any_case(
    heard: list[tuple[str, str]], comes: None
) -> None:
    send_message("Ops", "hello")
    operations.pause(*OPS)

    operations.resume(*OPS)

    assert heard == [OPS, OPS]
