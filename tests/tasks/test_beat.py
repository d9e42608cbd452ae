"""The schedule of django-celery-beat: made once, then the project's own, and run by beat."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

import djhipchat2
from djhipchat2 import schedule
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status, Trigger
from tests.celery_app import app
from tests.hipchat_server import HipChatServer
from tests.processes import celery_beat, celery_worker
from tests.tasks.queues import CeleryQueue
from tests.waiting import wait_until

pytestmark = [pytest.mark.beat, pytest.mark.django_db(transaction=True)]

FLUSH = "djhipchat2.tasks.flush_outbox"
PURGE = "djhipchat2.tasks.purge_outbox"
CREATED = "djhipchat2: deliver what is due: created.\ndjhipchat2: delete old messages: created.\n"


def model(name: str) -> Any:
    return apps.get_model("django_celery_beat", name)


def rows() -> Any:
    return model("PeriodicTask").objects.filter(task__startswith="djhipchat2.")


def schedule_once() -> str:
    printed = io.StringIO()
    call_command("hipchat_beat_schedule", stdout=printed)
    return printed.getvalue()


def test_the_command_creates_the_schedule() -> None:
    assert schedule_once() == CREATED

    flush, purge = rows().order_by("pk")
    assert (flush.task, str(flush.interval), flush.enabled) == (FLUSH, "every minute", True)
    assert (purge.task, purge.crontab.hour, purge.crontab.minute) == (PURGE, "3", "30")
    assert json.loads(purge.kwargs) == {"older_than_days": 30}
    assert (flush.expire_seconds, purge.expire_seconds) == (60, 43_200)


@pytest.mark.celery
def test_the_scheduled_tasks_exist_and_take_their_arguments() -> None:
    app.set_current()
    app.loader.import_default_modules()
    schedule_once()

    for row in rows():
        task = app.tasks[row.task]
        assert task.serializer == "json"
        task.run(*json.loads(row.args), **json.loads(row.kwargs))


def test_what_exists_is_left_alone_however_it_was_edited() -> None:
    schedule_once()
    often, _ = model("IntervalSchedule").objects.get_or_create(every=7, period="seconds")
    rows().filter(task=FLUSH).update(interval=often, name="chat", queue="slow")
    rows().filter(task=PURGE).update(enabled=False, kwargs='{"older_than_days": 7}')
    before = list(rows().order_by("pk").values())

    printed = schedule_once()

    assert printed == (
        "djhipchat2: deliver what is due: exists as 'chat'; left alone.\n"
        "djhipchat2: delete old messages: exists as 'djhipchat2: delete old messages', disabled; "
        "left alone.\n"
    )
    assert list(rows().order_by("pk").values()) == before


def test_a_row_whose_task_was_changed_is_known_by_its_name() -> None:
    schedule_once()
    rows().filter(task=FLUSH).update(task="mysite.tasks.flush_and_more")

    assert schedule_once().startswith(
        "djhipchat2: deliver what is due: exists as 'djhipchat2: deliver what is due'; left alone."
    )
    assert not rows().filter(task=FLUSH).exists()


def test_a_deleted_row_comes_back_only_when_the_command_is_run_again() -> None:
    schedule_once()
    rows().filter(task=FLUSH).delete()

    call_command("migrate", verbosity=0)
    assert not rows().filter(task=FLUSH).exists()

    assert schedule_once().startswith("djhipchat2: deliver what is due: created.\n")


def test_times_that_others_use_are_shared() -> None:
    interval = model("IntervalSchedule").objects.create(every=1, period="minutes")
    model("IntervalSchedule").objects.create(every=1, period="minutes")

    schedule_once()

    assert rows().get(task=FLUSH).interval == interval
    assert model("IntervalSchedule").objects.count() == 2


def test_two_commands_at_once_make_one_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule_once()
    look, looks = schedule._find, [0]

    def look_too_early(entry: schedule.Entry) -> schedule.Found | None:
        looks[0] += 1
        return None if looks[0] % 2 else look(entry)

    monkeypatch.setattr(schedule, "_find", look_too_early)

    assert schedule_once().count("left alone") == 2
    assert rows().count() == 2


def test_trouble_with_the_database_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule_once()
    monkeypatch.setattr(schedule, "_find", lambda entry: None)

    with pytest.raises(ValidationError, match="already exists"):
        schedule_once()


def test_the_schedule_stands_in_the_admin(admin_client: Client) -> None:
    schedule_once()

    page = admin_client.get("/admin/django_celery_beat/periodictask/").content.decode()

    assert "djhipchat2: deliver what is due" in page
    assert "djhipchat2: delete old messages" in page


def test_beat_and_a_worker_deliver_what_no_task_was_told_of(
    chat: HipChatServer, broker_queue: CeleryQueue
) -> None:
    schedule_once()
    often, _ = model("IntervalSchedule").objects.get_or_create(every=1, period="seconds")
    rows().filter(task=FLUSH).update(interval=often)
    row = djhipchat2.send_message("Ops", "hello", defer=True)

    broker = {"HIPCHAT_TEST_BROKER": broker_queue.url}
    with celery_worker(chat.url, **broker), celery_beat(chat.url, **broker):
        wait_until(lambda: OutboundMessage.objects.get(pk=row.pk).status == Status.SENT)

    assert row.delivery_attempts.get().trigger == Trigger.FLUSH
    assert [message["message"] for message in chat.messages()] == ["hello"]


def test_without_beat_the_command_says_what_to_do(settings: Any) -> None:
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if "beat" not in name]

    with pytest.raises(CommandError, match=r"Type: python -m pip install 'djhipchat2\[beat\]'"):
        schedule_once()
