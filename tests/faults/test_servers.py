from __future__ import annotations

import subprocess
import time

import pytest

from tests.faults import servers


def test_a_program_that_is_not_installed_is_told_with_its_package() -> None:
    with pytest.raises(FileNotFoundError, match="no no-such-server here: apt-get install"):
        servers.program("no-such-server")


def test_a_command_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "START_SECONDS", 0.1)
    server = servers.Redis()
    started = time.monotonic()

    with pytest.raises(subprocess.TimeoutExpired):
        server.run(["sleep", "600"])

    server.stop()
    assert time.monotonic() - started < 300  # it was killed and waited for
