"""Making the tables."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command


def migrate() -> dict[str, Any]:
    """Make the tables of the contender's apps."""
    call_command("migrate", verbosity=0)
    return {}
