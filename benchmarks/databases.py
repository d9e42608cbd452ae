"""
Databases for benchmarks: each turn gets a fresh copy of a migrated one.

All names begin with ``hipchat_bench_`` and this process's number; what a killed run has left is
dropped by the next.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import ClassVar

import psycopg
from psycopg import sql

PREFIX = "hipchat_bench_"
_LEFT_BEHIND = re.compile(rf"{PREFIX}(\d+)_\w+")


class Databases(ABC):
    """Makes, copies and drops the databases of one vendor."""

    vendor: ClassVar[str]

    def __init__(self) -> None:
        self._numbers = count(1)

    def new_name(self) -> str:
        """Return the name of a database that is not there yet."""
        return f"{PREFIX}{os.getpid()}_{next(self._numbers)}"

    @abstractmethod
    def create(self, template: str = "") -> str:
        """Make an empty database, or a copy of another one, and return its name."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Drop a database."""

    def settle(self, name: str) -> None:  # noqa: B027 - a file has nothing to settle
        """Bring a database's statistics and files to rest after much was written to it."""

    @contextmanager
    def fresh(self, template: str = "") -> Iterator[str]:
        """Yield the name of a new database, or of a copy; it is dropped at the end."""
        name = self.create(template)
        try:
            yield name
        finally:
            self.drop(name)


class Sqlite(Databases):
    """Files in a temporary folder."""

    vendor = "sqlite"

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = Path(folder)

    def create(self, template: str = "") -> str:
        path = self._folder / f"{self.new_name()}.sqlite3"
        if template:
            shutil.copyfile(template, path)
        return str(path)

    def drop(self, name: str) -> None:
        for tail in ("", "-journal", "-wal", "-shm"):
            Path(f"{name}{tail}").unlink(missing_ok=True)


class Postgresql(Databases):
    """Databases of the server on 127.0.0.1."""

    vendor = "postgresql"

    def __init__(self) -> None:
        super().__init__()
        self._server = self._connect("postgres")
        for (name,) in self._server.execute("SELECT datname FROM pg_database").fetchall():
            owner = _LEFT_BEHIND.fullmatch(name)
            if owner and not Path(f"/proc/{owner[1]}").exists():
                self.drop(name)

    def create(self, template: str = "") -> str:
        name = self.new_name()
        self._do("CREATE DATABASE {} TEMPLATE {}", name, template or "template1")
        return name

    def drop(self, name: str) -> None:
        self._do("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def settle(self, name: str) -> None:
        with self._connect(name) as connection:
            connection.execute("VACUUM ANALYZE")
        self._server.execute("CHECKPOINT")

    def commits(self, name: str) -> int:
        """Return the transactions that a database has committed."""
        query = "SELECT xact_commit FROM pg_stat_database WHERE datname = %s"
        found = self._server.execute(query, [name]).fetchone()
        return int(found[0]) if found else 0

    def version(self) -> str:
        """Return the server's version."""
        return str(self._server.info.parameter_status("server_version"))

    def _do(self, statement: str, *names: str) -> None:
        self._server.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @staticmethod
    def _connect(name: str) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1",
            user=os.environ.get("PGUSER", "postgres"),
            password=os.environ.get("PGPASSWORD", ""),
            dbname=name,
            autocommit=True,
            connect_timeout=3,
        )


@contextmanager
def databases(vendors: list[str]) -> Iterator[list[Databases]]:
    """
    Yield the databases of those vendors that this machine has.

    Raise psycopg's OperationalError if PostgreSQL is asked for and is not there.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        makers = {"sqlite": lambda: Sqlite(folder), "postgresql": Postgresql}
        yield [makers[vendor]() for vendor in vendors]
