"""Every example of README.rst and docs/ is run, page by page, as a reader would."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management import CommandError

from djhipchat2.connections import connections
from tests.docs.folder import PAGES
from tests.docs.markup import Block, read
from tests.docs.reader import MODULE, RUN, Reader
from tests.hipchat_server import HipChatServer

pytestmark = pytest.mark.once

#: Delivery over HTTP begins at a commit.
#: Django's own checks ask every database what it supports.
committing = pytest.mark.django_db(transaction=True, databases="__all__")

#: The fewest blocks that a page has to run: a page whose blocks are not found must not pass.
FEWEST = {
    "README": 9,
    "admin": 2,
    "api": 1,
    "apprise": 2,
    "backends": 14,
    "chats": 5,
    "checks": 2,
    "commands": 7,
    "discord": 1,
    "googlechat": 1,
    "guarantees": 0,
    "how-it-works": 2,
    "index": 1,
    "logging": 4,
    "mail": 2,
    "matrix": 1,
    "mattermost": 1,
    "moving-from-2013": 8,
    "moving-off-hipchat": 7,
    "performance": 1,
    "quickstart": 14,
    "rocketchat": 1,
    "routing": 4,
    "scaling": 3,
    "secrets": 1,
    "settings": 19,
    "slack": 2,
    "teams": 1,
    "telegram": 1,
    "testing": 7,
    "workers": 9,
    "zulip": 1,
}
#: Pages whose settings need Celery and Django's Tasks framework.
NEEDS_WORKERS = {"backends", "moving-off-hipchat", "workers"}
#: What the pages take from the environment: webhooks, which lead to the local server, and tokens.
WEBHOOKS = (
    "SLACK_WEBHOOK",
    "SLACK_OPS_WEBHOOK",
    "MATTERMOST_WEBHOOK",
    "MATTERMOST_AUDIT_WEBHOOK",
    "ROCKETCHAT_WEBHOOK",
    "ROCKETCHAT_AUDIT_WEBHOOK",
    "TEAMS_WORKFLOW",
    "TEAMS_OPS_WORKFLOW",
    "DISCORD_WEBHOOK",
    "DISCORD_OPS_WEBHOOK",
    "GOOGLE_CHAT_WEBHOOK",
    "GOOGLE_CHAT_OPS_WEBHOOK",
)
ENVIRONMENT = {
    "HIPCHAT_API_TOKEN": "TOK",
    "HIPCHAT_AUDIT_TOKEN": "TOK2",
    "MATRIX_TOKEN": "syt_1",
    "SLACK_TOKEN": "xoxb-1",
    "TELEGRAM_TOKEN": "123:abc",
    "ZULIP_API_KEY": "abc",
    "APPRISE_URL": "json://localhost/1",
    "APPRISE_OPS_URL": "json://localhost/2",
}


@pytest.fixture
def reader(
    settings: Any, monkeypatch: pytest.MonkeyPatch, hipchat_server: HipChatServer, tmp_path: Path
) -> Iterator[Reader]:
    """A project in an empty folder, with tokens in its environment and a server to send to."""
    monkeypatch.chdir(tmp_path)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name in WEBHOOKS:
        monkeypatch.setenv(name, f"{hipchat_server.url}/hooks/{name}")
    monkeypatch.setattr(connections, "_registered", {})
    reader = Reader(settings, hipchat_server.url)
    monkeypatch.setitem(sys.modules, MODULE.partition(".")[0], ModuleType("mysite"))
    monkeypatch.setitem(sys.modules, MODULE, reader.module)
    yield reader
    reader.leave()


def test_every_page_has_its_number_of_examples() -> None:
    assert set(PAGES) == set(FEWEST)


@committing
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            name, marks=[pytest.mark.celery, pytest.mark.tasks] if name in NEEDS_WORKERS else []
        )
        for name in sorted(PAGES)
    ],
)
def test_the_examples_of_a_page_work(reader: Reader, name: str) -> None:
    blocks = read(PAGES[name]).blocks()

    for block in blocks:
        reader.do(block)

    assert len([block for block in blocks if block.language in RUN]) >= FEWEST[name]


@committing
def test_messages_of_the_readme_reach_the_server(
    reader: Reader, hipchat_server: HipChatServer
) -> None:
    for block in read(PAGES["README"]).blocks():
        reader.do(block)

    assert [message["message"] for message in hipchat_server.messages("Ops")] == ["It works"]


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(
    ("language", "text", "classes"),
    [
        ("", "python manage.py migrate", ()),
        ("bash", "python manage.py migrate", ()),
        ("python", "assert 1 == 2", ()),
        ("python", "HIPCHAT_TIMEOUTS = 3", ("settings",)),
        ("python", "HIPCHAT_TIMEOUT = 0", ("settings",)),
        ("python", "TIMEOUT = 3", ("settings",)),
        ("python", "pass", ("settings",)),
        ("python", "INSTALLED_APPS = ['djhipchat3']", ("settings",)),
        (
            "python",
            "from django.test import TestCase\nclass T(TestCase):\n    def test(self): self.fail()",
            (),
        ),
        ("pycon", ">>> 1 + 1\n3", ()),
        ("pycon", "1 + 1", ()),
        ("console", "manage.py migrate", ()),
        ("console", "$ rm -rf /", ()),
        ("console", "$ python manage.py hipchat Ops Hello\nMessage 1 to Ops: queued.", ()),
        ("console", "$ python manage.py hipchat Ops '  '\nMessage 1 to Ops: sent.", ()),
    ],
)
def test_an_example_that_is_wrong_is_found(
    reader: Reader, language: str, text: str, classes: tuple[str, ...]
) -> None:
    with pytest.raises(AssertionError):
        reader.do(Block("page", 1, language, text, frozenset(classes)))


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize(
    ("language", "text", "error"),
    [
        ("console", "$ python manage.py hipchat_purge_outboxes", KeyError),
        ("console", "$ python manage.py hipchat_flush_outbox --loud", CommandError),
        ("console", "$ python manage.py hipchat_flush_outbox --watch soon", CommandError),
        ("ini", "ExecStart=python manage.py hipchat_flush_outbox --forever", CommandError),
    ],
)
def test_a_command_that_does_not_exist_is_found(
    reader: Reader, language: str, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        reader.do(Block("page", 1, language, text))
