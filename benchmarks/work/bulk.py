"""Millions of rows, copied from one by the database itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, models

#: Room n of so many, as ``timing.rooms()`` names it; the same on both databases.
ROOM = "'Room ' || substr(CAST(100000 + series.n % {rooms} AS text), 2)"
#: A moment within the 30 days before the copied one.
EARLIER = {
    "postgresql": "model.{column} - (series.n % 2592000) * interval '1 second'",
    "sqlite": "datetime(model.{column}, '-' || (series.n % 2592000) || ' seconds')",
}
SERIES = {
    "postgresql": "SELECT n FROM generate_series(1, {count}) AS numbers(n)",
    "sqlite": "SELECT 1 AS n UNION ALL SELECT n + 1 FROM series WHERE n < {count}",
}


def copy(row: models.Model, count: int, changes: Mapping[str, str]) -> None:
    """Insert so many copies of a row; ``changes`` are SQL expressions by column."""
    series = SERIES[connection.vendor].format(count=count)
    _insert(type(row), f"WITH RECURSIVE series(n) AS ({series})", "series", row, changes)


def copy_for_each(
    row: models.Model, source: type[models.Model], changes: Mapping[str, str]
) -> None:
    """Insert a copy of a row for each row of another table, which the changes call ``source``."""
    _insert(type(row), "", f"{source._meta.db_table} AS source", row, changes)


def earlier(*columns: str) -> dict[str, str]:
    """Return the changes that spread moments over 30 days."""
    form = EARLIER[connection.vendor]
    return {column: form.format(column=column) for column in columns}


def _insert(
    model: type[models.Model],
    with_: str,
    source: str,
    row: models.Model,
    changes: Mapping[str, str],
) -> None:
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = [changes.get(name, f"model.{name}") for name in names]
    table = model._meta.db_table
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) {with_} SELECT {', '.join(values)} "
        f"FROM {source} CROSS JOIN (SELECT * FROM {table} WHERE id = {row.pk}) AS model"
    )
    with connection.cursor() as cursor:
        cursor.execute(_HASTE[connection.vendor])
        cursor.execute(statement)


#: The rows are made for this run: a crash may lose them.
_HASTE: dict[str, Any] = {
    "postgresql": "SET synchronous_commit = off",
    "sqlite": "PRAGMA synchronous = OFF",
}
