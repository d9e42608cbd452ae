from __future__ import annotations

import os
from typing import Any

import pytest

from djhipchat2 import dispatch
from djhipchat2.connections import connections
from djhipchat2.forks import after_fork


def exit_code_of_child(question: Any) -> int:
    """Fork, and return what the child ends with: 1 if the answer is yes."""
    child = os.fork() or os._exit(bool(question()))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_forked_process_does_not_inherit_http_connections(settings: Any) -> None:
    settings.HIPCHAT_BACKEND = "djhipchat2.backends.request.HipChatBackend"
    backend = connections["default"]

    assert exit_code_of_child(lambda: connections["default"] is backend) == 0
    assert connections["default"] is backend


def test_a_forked_process_does_not_wait_for_a_lock_of_its_parent() -> None:
    with dispatch.announcements._lock:
        is_locked = exit_code_of_child(lambda: dispatch.announcements._lock.locked())

    assert is_locked == 0


def test_where_nothing_forks_nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork")
    called: list[bool] = []

    after_fork(lambda: called.append(True))

    assert exit_code_of_child(lambda: called) == 0
