"""A database of the test's own, which may go away while workers use it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections

from tests.faults.servers import MariaDB, PostgreSQL
from tests.waiting import pause, wait_until

#: Seconds that the workers of a SQLite file wait for its lock: less than any outage.
SQLITE_PATIENCE = 1.0
#: Seconds that this process waits: more than any outage.
OWN_PATIENCE = 60


class Database(Protocol):
    """What can be started, go away for a while, and be stopped."""

    @property
    def database(self) -> dict[str, Any]:
        """The entry for Django's DATABASES."""

    def start(self) -> None:
        """Make it ready for use."""

    def away(self) -> AbstractContextManager[None]:
        """Take it away for the block."""

    def outage(self, seconds: float) -> None:
        """Take it away, and give it back after a while."""

    def stop(self) -> None:
        """Delete it."""


class SQLite:
    """A file that somebody else locks for longer than a worker waits."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hipchat-sqlite-"))
        self._file = self._folder / "outbox.sqlite3"

    @property
    def database(self) -> dict[str, Any]:
        """The entry for Django's DATABASES."""
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(self._file),
            "OPTIONS": {
                "timeout": SQLITE_PATIENCE,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL",
            },
        }

    def start(self) -> None:
        """Do nothing: there is no server."""

    @contextmanager
    def away(self) -> Iterator[None]:
        """Lock it for writing for the block."""
        other = sqlite3.connect(self._file, timeout=60, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
        other.close()

    def outage(self, seconds: float) -> None:
        """Lock it for writing, and let it go after a while."""
        with self.away():
            pause(seconds)

    def stop(self) -> None:
        """Delete it."""
        shutil.rmtree(self._folder)


KINDS: dict[str, type[Database]] = {
    "sqlite": SQLite,
    "postgresql": PostgreSQL,
    "mariadb": MariaDB,
}


def kind_of_run() -> str:
    """Return the kind of database that the suite runs on."""
    return os.environ.get("HIPCHAT_TEST_DATABASE", "sqlite")


@contextmanager
def own_database(kind: str) -> Iterator[Database]:
    """Start a database, make its tables, and have this process use it for the block."""
    database = KINDS[kind]()
    connection = connections[DEFAULT_DB_ALIAS]
    former = dict(connection.settings_dict)
    entry = connections.configure_settings({DEFAULT_DB_ALIAS: database.database})
    connection.close()
    # A connection that is opened again reads these anew.
    connection.settings_dict.update(entry[DEFAULT_DB_ALIAS])
    if kind == "sqlite":
        options = connection.settings_dict["OPTIONS"]
        connection.settings_dict["OPTIONS"] = {**options, "timeout": OWN_PATIENCE}
    try:
        database.start()
        wait_until(answers, seconds=60)
        call_command("migrate", verbosity=0)
        yield database
    finally:
        connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(former)
        database.stop()


def answers() -> bool:
    """Can the database be used, through a new connection?"""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.close()
    try:
        connection.ensure_connection()
    except (InterfaceError, OperationalError):
        return False
    return True
