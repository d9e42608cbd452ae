"""
Storing many new rows with little work.

``bulk_create()`` makes SQL of each value anew, which takes longer than it takes a database to store
it. PostgreSQL has COPY for this and SQLite one statement that is prepared once; elsewhere, and with
older drivers, ``bulk_create()`` does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

Row = TypeVar("Row", bound=models.Model)

#: Rows of one ``bulk_create()``; some databases bound the number of parameters.
BATCH = 500


def insert(rows: Sequence[models.Model], using: str, *, with_keys: bool = True) -> None:
    """
    Store new rows of one model in their order, inside a transaction, without signals.

    They get their keys, ascending, unless nobody needs them (``with_keys``).
    """
    if not rows:
        return
    connection = connections[using]
    with connection.cursor() as cursor, connection.wrap_database_errors:
        if connection.vendor == "postgresql" and hasattr(cursor, "copy"):
            _copy(connection, cursor, rows, with_keys=with_keys)
        elif connection.vendor == "sqlite":
            _repeat(connection, cursor, rows)
        else:
            type(rows[0])._base_manager.using(using).bulk_create(rows, batch_size=BATCH)
            return
    for row in rows:
        row._state.adding = False
        row._state.db = using


def _copy(
    connection: BaseDatabaseWrapper, cursor: Any, rows: Sequence[models.Model], *, with_keys: bool
) -> None:
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    if with_keys:
        sequence = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
        [key] = [field.column for field in rows[0]._meta.concrete_fields if field.primary_key]
        cursor.execute(sequence, [table, key, len(rows)])
        for row, (value,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = value
    fields = _fields(rows[0], with_keys=with_keys)
    with cursor.copy(f"COPY {table} ({_columns(connection, fields)}) FROM STDIN") as copy:
        for values in _values(connection, fields, rows):
            copy.write_row(values)


def _repeat(connection: BaseDatabaseWrapper, cursor: Any, rows: Sequence[models.Model]) -> None:
    fields = _fields(rows[0], with_keys=False)
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    places = ", ".join(["%s"] * len(fields))
    statement = f"INSERT INTO {table} ({_columns(connection, fields)}) VALUES ({places})"  # noqa: S608 - our own names
    cursor.executemany(statement, _values(connection, fields, rows))
    # The keys are AUTOINCREMENT's, and nobody else writes until this transaction ends.
    cursor.execute("SELECT last_insert_rowid()")
    (last,) = cursor.fetchone()
    for row, key in zip(rows, range(last - len(rows) + 1, last + 1), strict=True):
        row.pk = key


def _fields(row: models.Model, *, with_keys: bool) -> list[models.Field[Any, Any]]:
    return [field for field in row._meta.concrete_fields if with_keys or not field.primary_key]


def _columns(connection: BaseDatabaseWrapper, fields: Sequence[models.Field[Any, Any]]) -> str:
    return ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)


def _values(
    connection: BaseDatabaseWrapper,
    fields: Sequence[models.Field[Any, Any]],
    rows: Sequence[models.Model],
) -> Iterator[list[Any]]:
    """Yield the values of each row as the driver takes them."""
    takers = [_taker(connection, field) for field in fields]
    for row in rows:
        yield [take(row) for take in takers]


def _taker(
    connection: BaseDatabaseWrapper, field: models.Field[Any, Any]
) -> Callable[[models.Model], Any]:
    """Return what takes a field's value out of a row."""
    name = field.attname

    def text(row: models.Model) -> Any:
        value = row.__dict__[name]
        return value if value is None else str(value)  # a choice is more than its text

    def moment(row: models.Model) -> Any:
        return connection.ops.adapt_datetimefield_value(row.__dict__[name])

    def prepared(row: models.Model) -> Any:
        return field.get_db_prep_save(field.pre_save(row, add=True), connection=connection)

    if isinstance(field, models.CharField | models.TextField):
        return text
    if isinstance(field, models.DateTimeField) and not field.auto_now:
        return moment
    if isinstance(field, models.IntegerField | models.BooleanField | models.ForeignKey):
        return lambda row: row.__dict__[name]
    return prepared
