"""
Storing many new rows with little work.

``bulk_create()`` makes SQL of each value anew, which takes longer than it takes a database to store
it. PostgreSQL has COPY for this, and on SQLite one INSERT takes many rows; elsewhere, and with
older drivers, ``bulk_create()`` does it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import chain, islice
from operator import itemgetter
from typing import Any, TypeVar

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

Row = TypeVar("Row", bound=models.Model)

#: Rows of one ``bulk_create()``; some databases bound the number of parameters.
BATCH = 500


def new(model: type[Row], **columns: Any) -> Row:
    """
    Return an unsaved row: what the model itself would make of columns, in half of the time.

    Raise TypeError for one that it does not have.
    """
    defaults, made, in_order = _columns_of(model)
    values = {**defaults, **{name: make() for name, make in made}, **columns}
    if len(values) > len(defaults):
        message = f"{model.__name__} has no column {', '.join(set(values) - set(defaults))}."
        raise TypeError(message)
    return model(*in_order(values))


@cache
def _columns_of(model: type[models.Model]) -> tuple[dict[str, Any], list[Any], Any]:
    """Return a model's defaults, what makes some of them anew, and what puts columns in order."""
    fields = model._meta.concrete_fields
    made = [
        (field.attname, field.default)
        for field in fields
        if field.has_default() and callable(field.default)
    ]
    names = [field.attname for field in fields]
    defaults = {field.attname: field.get_default() for field in fields}
    return defaults, made, itemgetter(*names)


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
            _insert(connection, cursor, rows, with_keys=with_keys)
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


def _insert(
    connection: BaseDatabaseWrapper, cursor: Any, rows: Sequence[models.Model], *, with_keys: bool
) -> None:
    # Not by executemany(), which waits for the interpreter's lock once a row: with many threads
    # that takes longer than the row.
    fields = _fields(rows[0], with_keys=False)
    table = connection.ops.quote_name(rows[0]._meta.db_table)
    head = f"INSERT INTO {table} ({_columns(connection, fields)}) VALUES "  # noqa: S608 - our own names
    places = f"({', '.join(['%s'] * len(fields))})"
    most = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // len(fields)
    values = _values(connection, fields, rows)
    while batch := list(islice(values, min(most, BATCH))):
        cursor.execute(head + ", ".join([places] * len(batch)), list(chain(*batch)))
    if not with_keys:
        return
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
    take = itemgetter(*(field.attname for field in fields))
    now = timezone.now()
    as_stored = connection.ops.adapt_datetimefield_value(now)
    stamped = [
        (n, field.attname)
        for n, field in enumerate(fields)
        if isinstance(field, models.DateTimeField) and field.auto_now
    ]
    adapters = [
        (n, adapt) for n, field in enumerate(fields) if (adapt := _adapter(connection, field))
    ]
    for row in rows:
        columns = row.__dict__
        values = list(take(columns))
        for n, adapt in adapters:
            if values[n] is not None:
                values[n] = adapt(values[n])
        for n, name in stamped:
            columns[name] = now
            values[n] = as_stored
        yield values


def _adapter(
    connection: BaseDatabaseWrapper, field: models.Field[Any, Any]
) -> Callable[[Any], Any] | None:
    """Return what makes a field's value what the driver takes; None: it is that already."""
    if isinstance(field, models.DateTimeField):
        if connection.vendor == "postgresql" or field.auto_now:
            return None
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.CharField | models.TextField):
        return str if field.choices else None  # a choice is more than its text
    if isinstance(field, models.IntegerField | models.BooleanField | models.ForeignKey):
        return None
    return partial(field.get_db_prep_save, connection=connection)
