"""A database that answers and lacks the outbox's tables: nothing to wait for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from djhipchat2.delivery import tables

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("option", ["--watch=0.1", "--dry-run", "--retry-failed", "--json"])
def test_without_migrations_the_command_ends_and_says_what_to_run(
    tmp_path: Path, option: str
) -> None:
    # Its database is a file that SQLite makes in the folder.
    done = subprocess.run(
        [sys.executable, "-m", "django", "hipchat_flush_outbox", option],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "HIPCHAT_TEST_DATABASE": "sqlite",
            "HIPCHAT_TEST_BARE": "1",
            "PYTHONPATH": str(ROOT),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr.endswith(
        "CommandError: The database 'default' lacks migrations of djhipchat2, up to 0001_initial: "
        "run manage.py migrate.\n"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.django_db(databases=["outbox"])
def test_the_remedy_names_the_database_if_it_is_not_the_default() -> None:
    from django.db import connections

    MigrationRecorder(connections["outbox"]).record_unapplied("djhipchat2", "0001_initial")

    with pytest.raises(ImproperlyConfigured, match=r"run manage\.py migrate --database outbox"):
        tables.require_migrations("outbox")


@pytest.mark.django_db
def test_an_error_of_a_database_that_has_the_tables_stays_what_it_is() -> None:
    with (
        pytest.raises(OperationalError, match="locked"),
        tables.told_if_missing(connection.alias),
    ):
        raise OperationalError("database is locked")


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_not_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(self: MigrationRecorder) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", away)

    assert tables.require_migrations(connection.alias) is None
