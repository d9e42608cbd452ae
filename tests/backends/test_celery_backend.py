"""The ``celery`` backend as an object: what it hands over, and what it is made of."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from djhipchat2.backends.celery import HipChatBackend
from djhipchat2.message import V1, V2
from tests.backends.conftest import Serve
from tests.backends.raw_server import http
from tests.backends.sending import TOKEN, a_message

REQUEST = "djhipchat2.backends.request.HipChatBackend"
LOCMEM = "djhipchat2.backends.locmem.HipChatBackend"
TASKS = "djhipchat2.backends.tasks.HipChatBackend"
CELERY = "djhipchat2.backends.celery.HipChatBackend"


def problem(**options: Any) -> str:
    with pytest.raises(ImproperlyConfigured) as caught:
        HipChatBackend(alias="ops", **options)
    return str(caught.value)


def test_the_setting_names_the_backend_that_delivers(
    settings: Any, sent_messages: list[dict[str, Any]]
) -> None:
    settings.HIPCHAT_CELERY_BACKEND = "djhipchat.backends.locmem.HipChatBackend"
    backend = HipChatBackend(alias="ops")

    result = backend.deliver(a_message(text="through the inner one"))

    assert str(result.outcome) == "accepted"
    assert [payload["message"] for payload in sent_messages] == ["through the inner one"]
    assert (backend.by_task, backend.at_once) == (True, False)


def test_the_option_goes_before_the_setting(settings: Any) -> None:
    settings.HIPCHAT_CELERY_BACKEND = LOCMEM

    backend = HipChatBackend(alias="ops", backend=REQUEST, token=TOKEN, api_version=2, timeout=3)

    assert (backend.limits, backend.time_limit) == (V2, 3)
    assert backend.options == {
        "backend": REQUEST,
        "token": TOKEN,
        "api_version": 2,
        "timeout": 3,
    }
    assert backend.secret_options == ("token",)
    assert repr(backend) == f"<{CELERY} connection='ops'>"


def test_the_inner_backend_s_limits_are_v1_s_by_default(settings: Any) -> None:
    settings.HIPCHAT_CELERY_BACKEND = REQUEST

    assert HipChatBackend().limits is V1


def test_without_a_backend_that_delivers_it_says_what_to_set() -> None:
    assert problem() == (
        "You need to specify HIPCHAT_CELERY_BACKEND: the backend that the task delivers with, for "
        "example 'djhipchat2.backends.request.HipChatBackend'."
    )


@pytest.mark.parametrize("path", [CELERY, CELERY.replace("djhipchat2", "djhipchat")])
def test_it_cannot_hand_over_to_itself(settings: Any, path: str) -> None:
    settings.HIPCHAT_CELERY_BACKEND = path

    assert problem().startswith("HIPCHAT_CELERY_BACKEND is the celery backend itself")


def test_nor_by_its_option() -> None:
    assert problem(backend=CELERY).startswith("HIPCHAT_CELERY_BACKEND is the celery backend itself")


def test_the_inner_backend_refuses_options_that_it_does_not_have(settings: Any) -> None:
    settings.HIPCHAT_CELERY_BACKEND = REQUEST

    assert problem(tokn="SECRET").startswith(
        f"The backend {REQUEST} of the connection ops has no option tokn."
    )


@pytest.mark.parametrize(
    ("path", "option", "others", "takes"),
    [
        (REQUEST, "token", {}, True),
        (LOCMEM, "token", {}, False),
        (LOCMEM, "token", {"backend": REQUEST}, True),
        (REQUEST, "color", {}, False),
        ("", "token", {}, False),
        ("", "backend", {}, True),
    ],
)
def test_it_takes_the_options_of_the_backend_that_delivers(
    settings: Any, path: str, option: str, others: dict[str, Any], takes: object
) -> None:
    settings.HIPCHAT_CELERY_BACKEND = path

    assert HipChatBackend.takes(option, others) is takes


def test_a_missing_token_is_told_to_the_caller(settings: Any) -> None:
    settings.HIPCHAT_CELERY_BACKEND = REQUEST

    with pytest.raises(ImproperlyConfigured, match="HipChat API token not set"):
        HipChatBackend(alias="default").require_settings()


def test_closing_it_closes_the_inner_one(serve: Serve) -> None:
    server = serve(http())
    backend = HipChatBackend(backend=REQUEST, api_url=server.url, token=TOKEN)
    backend.deliver(a_message())

    backend.close()
    backend.deliver(a_message())

    assert server.connections == 2
    backend.close()


def test_nor_to_a_backend_that_hands_over_as_well(settings: Any) -> None:
    settings.HIPCHAT_CELERY_BACKEND = TASKS
    settings.HIPCHAT_TASKS_BACKEND = CELERY

    assert problem().startswith("HIPCHAT_CELERY_BACKEND is the celery backend itself, or one that")
    assert HipChatBackend.takes("token", {}) is False


@pytest.mark.celery
def test_its_checks_are_those_of_the_backend_that_delivers(settings: Any) -> None:
    settings.HIPCHAT_CELERY_BACKEND = REQUEST
    settings.HIPCHAT_API_URL = "https://hipchat.example.com"

    found = HipChatBackend(alias="default").check()

    assert [message.id for message in found] == ["djhipchat2.E001"]


@pytest.mark.celery
@pytest.mark.parametrize(
    ("accepted", "ids"), [(["pickle"], ["djhipchat2.E011"]), (["pickle", "application/json"], [])]
)
def test_workers_that_refuse_json_are_told_of(
    settings: Any, accepted: list[str], ids: list[str]
) -> None:
    from tests.celery_app import app

    app.set_current()
    settings.CELERY_ACCEPT_CONTENT = accepted

    found = HipChatBackend(alias="ops", backend=LOCMEM).check()

    assert [message.id for message in found] == ids


@pytest.mark.celery
def test_what_is_wrong_with_celery_hides_nothing_of_the_backend_that_delivers(
    settings: Any,
) -> None:
    from tests.celery_app import app

    app.set_current()
    settings.CELERY_ACCEPT_CONTENT = ["pickle"]
    settings.HIPCHAT_API_URL = "https://hipchat.example.com"

    found = HipChatBackend(alias="default", backend=REQUEST).check()

    assert [message.id for message in found] == ["djhipchat2.E011", "djhipchat2.E001"]


WITHOUT_CELERY = """
import sys
sys.modules["celery"] = sys.modules["kombu"] = None
import django
django.setup()
from djhipchat2.backends.celery import HipChatBackend
import djhipchat2.tasks
import djhipchat2.backends.broker
assert not hasattr(djhipchat2.backends.broker, "broker")
backend = HipChatBackend(alias="ops", backend="djhipchat2.backends.locmem.HipChatBackend")
for message in backend.check():
    print(message.id, message.msg, message.hint, sep="|")
backend.announce("ops", "Ops")
"""


def test_without_celery_it_says_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CELERY],
        env={**os.environ, "HIPCHAT_TEST_BARE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == (
        "djhipchat2.E004|The celery backend needs Celery, which is not installed.|"
        "Type: python -m pip install 'djhipchat2[celery]'\n"
    )
    assert done.stderr == (
        "Celery was not told of the connection ops, room Ops (ModuleNotFoundError: celery). The "
        "messages are queued; manage.py hipchat_flush_outbox delivers them.\n"
    )


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("no", name="shop.celery"), "ModuleNotFoundError: shop.celery"),
        (ImportError("amqp://ann:s3cret@broker"), "ImportError"),
        (KeyError("No such transport: ampq"), "KeyError: No such transport: ampq"),
        (KeyError("s3cret"), "KeyError"),
        (OSError(111, "s3cret"), "ConnectionRefusedError"),
    ],
)
def test_what_keeps_celery_from_being_told_is_named_without_a_secret(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    said: str,
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(HipChatBackend, "hand_over", fail)

    told = HipChatBackend(alias="ops", backend=LOCMEM).announce("ops", "Ops")

    assert not told
    assert f"Celery was not told of the connection ops, room Ops ({said}). The" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_module_that_the_project_s_celery_misses_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise ModuleNotFoundError(name="shop.settings")

    monkeypatch.setattr("djhipchat2.backends.celery._task", fail)

    (found,) = HipChatBackend(alias="ops", backend=LOCMEM).check()

    assert (found.id, found.msg, found.hint) == (
        "djhipchat2.E004",
        "The celery backend needs shop.settings, which is missing.",
        "Install shop.settings, or correct what imports it.",
    )
