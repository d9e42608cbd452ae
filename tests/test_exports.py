"""The public names, and the import name of 2013."""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from types import ModuleType

import pytest
from django.apps import apps

import djhipchat
import djhipchat2
from djhipchat2 import api

NAMES = {
    "asend_message",
    "asend_messages",
    "get_backend",
    "send_message",
    "send_messages",
    "sent_messages",
}
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(djhipchat2.__path__, "djhipchat2.")
    if not module.name.startswith("djhipchat2.migrations")
)

RUN_AS_2013 = """
import django
from django.conf import settings

settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "djhipchat"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    HIPCHAT_BACKEND="djhipchat.backends.locmem.HipChatBackend",
    USE_TZ=True,
)
django.setup()
from django.apps import apps
from django.core.management import call_command

call_command("migrate", verbosity=0)
call_command("makemigrations", check=True, dry_run=True, verbosity=0)
import djhipchat
import djhipchat.models

djhipchat.send_message("Ops", "hello")
print([message["message"] for message in djhipchat.sent_messages])
print([config.label for config in apps.get_app_configs()])
print(djhipchat.models.OutboundMessage._meta.label)
"""


def test_the_public_names_are_the_documented_ones() -> None:
    assert sorted(djhipchat2.__all__) == sorted(NAMES)
    assert set(dir(djhipchat2)) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES - {"sent_messages"}))
def test_a_public_name_is_that_of_the_api(name: str) -> None:
    assert getattr(djhipchat2, name) is getattr(api, name)


def test_an_unknown_name_is_named_in_the_error() -> None:
    with pytest.raises(AttributeError, match="module 'djhipchat2' has no attribute 'send_massage'"):
        djhipchat2.send_massage  # noqa: B018 - the access is what raises


def test_both_names_give_the_same_package() -> None:
    assert djhipchat is djhipchat2


@pytest.mark.parametrize("name", MODULES)
def test_both_names_give_the_same_module(name: str) -> None:
    new = importlib.import_module(name)

    old = importlib.import_module(name.replace("djhipchat2", "djhipchat", 1))

    assert isinstance(new, ModuleType)
    assert old is new
    assert new.__name__ == name
    assert new.__spec__ is not None
    assert new.__spec__.name == name


def test_a_module_that_does_not_exist_is_missing_under_both_names() -> None:
    for name in ("djhipchat2.nothing", "djhipchat.nothing"):
        with pytest.raises(ModuleNotFoundError, match="nothing"):
            importlib.import_module(name)


def test_models_are_registered_once() -> None:
    importlib.import_module("djhipchat.models")

    labels = [model._meta.label for model in apps.get_models() if "hipchat" in model.__module__]
    assert sorted(labels) == [
        "djhipchat2.DeliveryAttempt",
        "djhipchat2.Heartbeat",
        "djhipchat2.OutboundMessage",
        "djhipchat2.Room",
    ]


def test_a_project_of_2013_runs_with_the_old_names() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-c", RUN_AS_2013]

    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    assert (done.stdout.splitlines(), done.stderr) == (
        ["['hello']", "['contenttypes', 'djhipchat2']", "djhipchat2.OutboundMessage"],
        "",
    )
