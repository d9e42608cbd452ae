"""System checks of the database that the outbox is in."""

from __future__ import annotations

from django.core.checks import CheckMessage, Error
from django.db import connections as databases
from django.db import router

from ..models import OutboundMessage


def check_database() -> list[CheckMessage]:
    """Return what keeps the outbox's database from committing before a message goes out."""
    alias = router.db_for_write(OutboundMessage)
    if databases[alias].settings_dict["AUTOCOMMIT"]:
        return []
    return [
        Error(
            f"The outbox's database {alias!r} has AUTOCOMMIT off: nothing would be committed "
            "before a message goes out, so delivery refuses to send.",
            hint=f"Remove AUTOCOMMIT from DATABASES[{alias!r}], or set it to True.",
            id="djhipchat2.E019",
        )
    ]
