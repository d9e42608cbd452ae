"""Deleting old messages while others send."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models.signals import post_delete
from django.utils import timezone

from djhipchat2.api import send_message
from djhipchat2.delivery import engine
from djhipchat2.delivery.purge import purge, purgeable
from djhipchat2.delivery.run import Run
from djhipchat2.models import DeliveryAttempt, OutboundMessage
from djhipchat2.states import Outcome, Status, Trigger
from tests.scripted import PATH, script

pytestmark = pytest.mark.django_db(transaction=True)

OLD = timedelta(days=40)


@pytest.fixture
def old_rows(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = PATH
    script.clear()
    then = timezone.now() - OLD
    rows = OutboundMessage.objects.bulk_create(
        OutboundMessage(
            connection="default",
            backend=PATH,
            room_id="Ops",
            message="old",
            status=Status.SENT,
            sent_at=then,
            finished_at=then,
        )
        for _ in range(2_500)
    )
    keys = [row.pk for row in rows] or OutboundMessage.objects.values_list("pk", flat=True)
    DeliveryAttempt.objects.bulk_create(
        DeliveryAttempt(
            message_id=key,
            number=1,
            trigger=Trigger.FLUSH,
            worker="w",
            started_at=then,
            outcome=Outcome.ACCEPTED,
        )
        for key in keys
    )


@pytest.fixture
def in_the_middle_of_a_batch() -> Iterator[list[Callable[[], None]]]:
    """Call what is in the list once, while a transaction of the purge has deleted rows."""
    waiting: list[Callable[[], None]] = []

    def call(**kwargs: Any) -> None:
        while waiting:
            waiting.pop()()

    post_delete.connect(call, sender=OutboundMessage)
    yield waiting
    post_delete.disconnect(call, sender=OutboundMessage)


def test_senders_and_workers_go_on_while_a_thousand_messages_are_deleted(
    old_rows: None, in_the_middle_of_a_batch: list[Callable[[], None]]
) -> None:
    sent: list[OutboundMessage] = []

    def send() -> None:
        sent.append(send_message("Ops", "new", defer=True))
        engine.flush(Run(Trigger.FLUSH))
        connections.close_all()

    def send_elsewhere(*_: object) -> None:
        if not sent:
            thread = threading.Thread(target=send)
            thread.start()
            thread.join(20)
            assert not thread.is_alive()

    # SQLite lets one write at a time: there the sender gets in between two transactions.
    has_row_locks = connection.features.has_select_for_update
    if has_row_locks:
        in_the_middle_of_a_batch.append(send_elsewhere)
    rows = purgeable("default", timedelta(days=30))

    deleted = purge(
        rows, batch_size=1_000, progress=lambda _: None if has_row_locks else send_elsewhere()
    )

    assert deleted == 2_500
    (row,) = OutboundMessage.objects.all()
    assert [row] == sent
    assert row.status == Status.SENT
