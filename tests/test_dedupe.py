from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

import djhipchat2
from djhipchat2.models import OutboundMessage


@pytest.mark.django_db
def test_the_same_key_returns_the_existing_row() -> None:
    first = djhipchat2.send_message("Ops", "Deploy 7 is done", dedupe_key="deploy-7")

    second = djhipchat2.send_message("Ops", "Deploy 7 is done", dedupe_key="deploy-7")

    assert second.pk == first.pk
    assert len(djhipchat2.sent_messages) == 1
    assert OutboundMessage.objects.count() == 1


@pytest.mark.django_db
def test_the_existing_row_is_not_changed() -> None:
    djhipchat2.send_message("Ops", "first", dedupe_key="deploy-7")

    row = djhipchat2.send_message("Ops", "second", dedupe_key="deploy-7")

    assert row.message == "first"


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["Deploy-7", "deploy-7 ", "déploy-7"])
def test_keys_that_only_look_alike_differ(other: str) -> None:
    djhipchat2.send_message("Ops", "x", dedupe_key="deploy-7")

    djhipchat2.send_message("Ops", "x", dedupe_key=other)

    assert OutboundMessage.objects.count() == 2


@pytest.mark.django_db
def test_a_key_counts_for_its_connection(settings: Any) -> None:
    settings.HIPCHAT_CONNECTIONS = {
        "audit": {"BACKEND": "djhipchat2.backends.dummy.HipChatBackend"}
    }

    djhipchat2.send_message("Ops", "x", dedupe_key="k")
    djhipchat2.send_message("Ops", "x", dedupe_key="k", using="audit")

    assert OutboundMessage.objects.count() == 2


@pytest.mark.django_db
def test_a_known_key_does_not_break_the_callers_transaction() -> None:
    with transaction.atomic():
        djhipchat2.send_message("Ops", "x", dedupe_key="k")
        djhipchat2.send_message("Ops", "x", dedupe_key="k")
        djhipchat2.send_message("Ops", "after")

    assert OutboundMessage.objects.count() == 2


@pytest.mark.django_db
def test_a_key_given_twice_in_one_call_returns_one_row_as_it_stands() -> None:
    first, second, third = djhipchat2.send_messages(
        [
            {"message": "one", "dedupe_key": "k"},
            {"message": "two", "dedupe_key": "k"},
            {"message": "three"},
        ],
        room_id="Ops",
    )

    assert first is second
    assert (second.status, second.message, second.attempts) == ("sent", "one", 1)
    assert [sent["message"] for sent in djhipchat2.sent_messages] == ["one", "three"]
    assert third.pk != first.pk


@pytest.mark.django_db(transaction=True)
def test_of_racing_senders_one_writes_and_all_get_its_row() -> None:
    racers = 6
    start = threading.Barrier(racers)
    keys: list[int] = []

    def race() -> None:
        try:
            start.wait()
            row = djhipchat2.send_message("Ops", "once", dedupe_key="k", defer=True)
            keys.append(row.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(keys) == racers
    assert set(keys) == {OutboundMessage.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_a_sender_waits_for_a_racing_transaction_and_gets_its_row() -> None:
    written, proceed = threading.Event(), threading.Event()
    found: list[int] = []

    def slow() -> None:
        try:
            with transaction.atomic():
                djhipchat2.send_message("Ops", "once", dedupe_key="k", defer=True)
                written.set()
                proceed.wait(10)
        finally:
            connection.close()

    def fast() -> None:
        try:
            written.wait(10)
            threading.Timer(0.2, proceed.set).start()
            found.append(djhipchat2.send_message("Ops", "once", dedupe_key="k", defer=True).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=slow), threading.Thread(target=fast)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [OutboundMessage.objects.get().pk]


@pytest.mark.django_db
def test_an_error_that_is_not_the_keys_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import IntegrityError

    monkeypatch.setattr(OutboundMessage._meta.get_field("color"), "get_prep_value", lambda v: "x")

    with pytest.raises(IntegrityError):
        djhipchat2.send_message("Ops", "x", dedupe_key="k", defer=True)
