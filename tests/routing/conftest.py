"""Connections to route messages to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scripted import PATH, Script, script


@pytest.fixture(autouse=True)
def chat(settings: Any) -> Script:
    """The script of the chat behind every connection that routes lead to."""
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_THREADS = 1
    settings.HIPCHAT_CONNECTIONS = {
        "slack": {"BACKEND": PATH},
        "matrix": {"BACKEND": PATH},
        "mail": {"BACKEND": PATH},
        "short": {"BACKEND": "tests.routing.chats.ShortBackend"},
        "here": {"BACKEND": "tests.routing.chats.FailingAtOnceBackend"},
    }
    script.clear()
    return script


@pytest.fixture
def with_fallback(settings: Any) -> None:
    """A room whose messages go to ``slack``, or else by mail."""
    settings.HIPCHAT_ROUTES = {"Ops": {"to": "slack", "fallback": {"mail": "ops@example.org"}}}
