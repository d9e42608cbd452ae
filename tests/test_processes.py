"""What the tests' own processes come to when they do not stop."""

from __future__ import annotations

import os

import psutil
import pytest

from tests.processes import start, stop

pytestmark = pytest.mark.once

STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(600)
"""


def test_a_process_that_does_not_stop_is_killed_with_its_children() -> None:
    process = start(["-c", STUBBORN], dict(os.environ))
    assert process.stdout is not None
    child = psutil.Process(int(process.stdout.readline()))

    stop(process, patience=0.1)

    assert process.returncode == -9
    child.wait(20)
    assert not child.is_running()
    process.stdout.close()
