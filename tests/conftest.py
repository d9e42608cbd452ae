"""Fixtures of all tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from django.dispatch import Signal

import djhipchat2
from djhipchat2 import dispatch
from djhipchat2.announcements import Announcements
from djhipchat2.connections import connections
from djhipchat2.delivery import heartbeat, retry
from djhipchat2.delivery.pace import paces
from tests.hipchat_server import HipChatServer

TOKEN = "TOK"


@pytest.fixture(scope="session")
def hipchat_server_process() -> Iterator[HipChatServer]:
    """The local HipChat server, in a process of its own."""
    with HipChatServer() as server:
        yield server


@pytest.fixture
def hipchat_server(hipchat_server_process: HipChatServer) -> HipChatServer:
    """The local HipChat server with nothing received, no fault and no limit."""
    hipchat_server_process.reset()
    return hipchat_server_process


@pytest.fixture
def request_backend(hipchat_server: HipChatServer, settings: Any) -> HipChatServer:
    """The local HipChat server behind the connection ``default``."""
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    settings.HIPCHAT_API_URL = hipchat_server.url
    settings.HIPCHAT_API_TOKEN = "TOK"
    return hipchat_server


@pytest.fixture
def connect() -> Iterator[Callable[..., None]]:
    """Connect a receiver to a signal, until the test is over."""
    with ExitStack() as connected:

        def connect_until_then(signal: Signal, receiver: Callable[..., Any], **what: Any) -> None:
            signal.connect(receiver, **what)
            connected.callback(signal.disconnect, receiver, **what)

        yield connect_until_then


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection that another test has registered."""
    monkeypatch.setattr(connections, "_registered", {})


@pytest.fixture(autouse=True)
def _unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sign of life that this process has left for another test's database."""
    monkeypatch.setattr(heartbeat, "_last", {})


@pytest.fixture(autouse=True)
def _unlearnt(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pace of another test's chat, and no task that another test has announced."""
    monkeypatch.setattr(paces, "_known", {})
    monkeypatch.setattr(dispatch, "announcements", Announcements())


def longest(_low: float, high: float) -> float:
    """Choose the longest wait."""
    return high


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wait before a retry as long as it can be: chance must not end it within the test."""
    monkeypatch.setattr(retry, "judge", partial(retry.judge, chance=longest))
    monkeypatch.setattr(retry, "backoff", partial(retry.backoff, chance=longest))


@pytest.fixture(autouse=True)
def sent_messages() -> Iterator[list[dict[str, object]]]:
    """An empty ``sent_messages``."""
    djhipchat2.sent_messages = []
    yield djhipchat2.sent_messages
    djhipchat2.sent_messages = []
