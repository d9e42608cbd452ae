"""The ``tasks`` backend as an object: which task goes where, and what checks say about it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

import djhipchat2
from djhipchat2.backends.framework import framework
from djhipchat2.backends.tasks import HipChatBackend
from djhipchat2.models import OutboundMessage
from djhipchat2.states import Status, Trigger
from tests.hipchat_server import HipChatServer

pytestmark = [pytest.mark.tasks, pytest.mark.django_db(transaction=True)]

TASKS = "djhipchat2.backends.tasks.HipChatBackend"
REQUEST = "djhipchat2.backends.request.HipChatBackend"
LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"
TASK = "djhipchat2.background.deliver_room"


@pytest.fixture
def chat(hipchat_server: HipChatServer, settings: Any) -> HipChatServer:
    settings.HIPCHAT_BACKEND = TASKS
    settings.HIPCHAT_TASKS_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    return hipchat_server


@pytest.fixture
def dummy(settings: Any) -> Any:
    settings.HIPCHAT_TASKS_ALIAS = "dummy"
    backend = framework().task_backends["dummy"]
    backend.clear()
    return backend


def check(**options: Any) -> CheckMessage | None:
    found = HipChatBackend(alias="ops", backend=LOCMEM, **options).check()
    assert len(found) <= 1
    return found[0] if found else None


def test_without_a_backend_that_delivers_it_says_what_to_set() -> None:
    with pytest.raises(ImproperlyConfigured, match="You need to specify HIPCHAT_TASKS_BACKEND"):
        HipChatBackend(alias="ops")


def test_it_cannot_hand_over_to_itself() -> None:
    with pytest.raises(ImproperlyConfigured, match="HIPCHAT_TASKS_BACKEND is the tasks backend"):
        HipChatBackend(alias="ops", backend=TASKS)


def test_the_backend_that_delivers_gets_the_options_that_are_not_its_own() -> None:
    backend = HipChatBackend(
        alias="ops", backend=REQUEST, token="t0ken", tasks_alias="dummy", tasks_queue="chat"
    )

    assert (backend.tasks_alias, backend.tasks_queue) == ("dummy", "chat")
    assert backend.secret_options == ("token",)
    assert HipChatBackend.takes("tasks_queue", {}) is True
    assert HipChatBackend.takes("token", {"backend": REQUEST}) is True
    assert HipChatBackend.takes("color", {"backend": REQUEST}) is False


def test_a_task_that_cannot_wait_is_left_to_a_flush_where_it_would_call_itself_without_end(
    chat: HipChatServer, settings: Any
) -> None:
    settings.HIPCHAT_TASKS_ALIAS = "immediate"
    chat.fault("unavailable", times=1)

    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert (row.status, row.attempts) == (Status.QUEUED, 1)
    assert chat.counts()["requests"] == 1


def test_an_immediate_task_delivers_in_the_callers_process(
    chat: HipChatServer, settings: Any
) -> None:
    settings.HIPCHAT_TASKS_ALIAS = "immediate"

    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    assert row.status == Status.SENT
    assert row.delivery_attempts.get().trigger == Trigger.TASK


def test_a_dummy_gets_the_task_and_the_message_waits(chat: HipChatServer, dummy: Any) -> None:
    row = djhipchat2.send_message("Ops", "hello")

    row.refresh_from_db()
    (result,) = dummy.results
    assert (result.task.module_path, result.args, result.kwargs) == (TASK, ["default", "Ops"], {})
    assert row.status == Status.QUEUED


def test_the_queue_is_the_one_that_the_setting_names(chat: HipChatServer, settings: Any) -> None:
    settings.HIPCHAT_TASKS_QUEUE = "chat"

    djhipchat2.send_message("Ops", "hello")

    assert HipChatBackend(backend=LOCMEM)._task().queue_name == "chat"
    assert check() is None


def test_trouble_with_the_queue_does_not_fail_the_caller(
    chat: HipChatServer, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.HIPCHAT_TASKS_QUEUE = "missing"

    djhipchat2.send_message("Ops", "hello")

    assert OutboundMessage.objects.get().status == Status.QUEUED
    assert "Tasks was not told of the connection default, room Ops (InvalidTask" in caplog.text


def test_a_worker_of_its_own_is_right(settings: Any) -> None:
    assert check() is None


def test_w004_the_caller_waits() -> None:
    message = check(tasks_alias="immediate")

    assert message is not None
    assert (message.id, message.msg) == (
        "djhipchat2.W004",
        "TASKS['immediate'] runs tasks in the caller's process, which waits for the chat.",
    )
    assert str(message.hint).startswith("Set TASKS to a backend with a worker")


def test_w005_nothing_runs() -> None:
    message = check(tasks_alias="dummy")

    assert message is not None
    assert message.id == "djhipchat2.W005"


@pytest.mark.parametrize("options", [{"tasks_alias": "missing"}, {"tasks_queue": "missing"}])
def test_e013_there_is_no_such_queue(options: dict[str, str]) -> None:
    message = check(**options)

    assert message is not None
    assert message.id == "djhipchat2.E013"
    assert "missing" in message.msg
    assert "HIPCHAT_TASKS_ALIAS" in str(message.hint)


WITHOUT_FRAMEWORK = """
import sys
import django
django.setup()
sys.modules["django.tasks"] = sys.modules["django_tasks"] = None
from djhipchat2.backends.tasks import HipChatBackend
import djhipchat2.background
assert not hasattr(djhipchat2.background, 'deliver_room')
backend = HipChatBackend(alias="ops", backend="djhipchat2.backends.locmem.HipChatBackend")
for message in backend.check():
    print(message.id, message.hint, sep="|")
backend.announce("ops", "Ops")
"""


def test_e012_without_a_framework_it_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_FRAMEWORK], capture_output=True, text=True, check=True
    )

    assert done.stdout == (
        "djhipchat2.E012|Use Django 6.0, or type: python -m pip install 'djhipchat2[tasks]'\n"
    )
    assert "Tasks was not told of the connection ops, room Ops" in done.stderr
