"""A chat that answers as a test says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scripted import PATH, Script, script


@pytest.fixture
def chat(settings: Any) -> Script:
    """The chat behind the connections ``default`` and ``audit``."""
    settings.HIPCHAT_BACKEND = PATH
    settings.HIPCHAT_CONNECTIONS = {"audit": {"BACKEND": PATH}}
    script.clear()
    return script
