"""Telling a database that is away from one without the outbox's tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, Error
from django.db import connections as databases
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ..models import OutboundMessage


@contextmanager
def told_if_missing(using: str) -> Iterator[None]:
    """
    Raise ImproperlyConfigured in place of a database's error if migrations have not been run.

    Any other error passes: only a database that answers can say that it lacks them.
    """
    try:
        yield
    except Error:
        require_migrations(using)
        raise


def require_migrations(using: str) -> None:
    """
    Raise ImproperlyConfigured if a database answers and lacks migrations of the outbox.

    The error of a missing table does not tell: SQLite has the same for it as for a locked file.
    """
    try:
        applied = MigrationRecorder(databases[using]).applied_migrations()
    except Error:
        return
    label = OutboundMessage._meta.app_label
    leaves = MigrationLoader(None).graph.leaf_nodes(label)
    missing = [name for app, name in leaves if (app, name) not in applied]
    if missing:
        option = "" if using == DEFAULT_DB_ALIAS else f" --database {using}"
        message = (
            f"The database {using!r} lacks migrations of {label}, up to {', '.join(missing)}: "
            f"run manage.py migrate{option}."
        )
        raise ImproperlyConfigured(message)
