"""What a process has loaded when Django is set up."""

from __future__ import annotations

import sys
from typing import Any

NETWORK = ("aiohttp", "celery", "http.client", "httpx", "kombu", "redis", "requests", "urllib3")


def loaded() -> dict[str, Any]:
    """Return the network libraries that are loaded."""
    return {"modules": [name for name in NETWORK if name in sys.modules]}
