"""System checks of the database that the outbox is in."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from itertools import combinations

from django.core.checks import CheckMessage, Error, Warning
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


def check_aliases(aliases: Iterable[str]) -> list[CheckMessage]:
    """Return which connections MariaDB's usual collations would take for one."""
    if databases[router.db_for_write(OutboundMessage)].vendor != "mysql":
        return []
    return [
        Warning(
            f"MariaDB takes the connections {first!r} and {second!r} for one, unless its collation "
            "is binary: a room of both is not delivered.",
            hint="Give one of them another name, or make the collation binary (utf8mb4_bin).",
            id="djhipchat2.W008",
        )
        for first, second in combinations(aliases, 2)
        if _folded(first) == _folded(second)
    ]


def _folded(name: str) -> str:
    """Return a name without case and accents."""
    parts = unicodedata.normalize("NFKD", name)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()
