from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = 10


def test_the_pages_work_under_django_unfold() -> None:
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "HIPCHAT_TEST_DATABASE": "sqlite",
        "HIPCHAT_TEST_THEME": "unfold",
    }
    command = [sys.executable, "-m", "tests.browser.themed"]

    done = subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=120
    )

    lines = done.stdout.splitlines()
    assert len(lines) == PAGES, done.stderr
    assert [line for line in lines if not line.startswith("200 True")] == []
