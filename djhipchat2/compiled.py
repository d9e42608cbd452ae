"""
Statements that are made once and then asked again with other values.

Making SQL of a queryset takes longer than a database takes to answer, and some statements are asked
again for each few messages. What makes them is still a function that uses querysets.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

Update = TypeVar("Update", bound=Callable[..., int])
#: Makes a parameter of a statement out of the values of a call.
Parameter = Callable[[Sequence[Any]], Any]

#: Values that stand for others while a statement is made count from here; no statement has them.
_NUMBER = 1_987_654_321
_MOMENT = datetime(1601, 2, 3, 4, 5, 6, 789, tzinfo=UTC)


def compiled(update: Update) -> Update:
    """
    Decorate a function that changes rows by one statement and returns how many.

    Its arguments are given by their places. The first is the alias of a database; the others are
    whole numbers, moments and texts, and lists of them in which nothing stands twice, all of which
    go into the statement as they are; a boolean alone may decide what statement it is. Raise
    TypeError for anything else, and for a value that does not go into the statement.
    """
    statements: dict[Hashable, tuple[str, list[Parameter]]] = {}

    @functools.wraps(update)
    def run(using: str, *given: Any) -> int:
        connection = connections[using]
        values = [_padded(value) for value in given]
        shape = connection.vendor, *map(_shape, values)
        if shape not in statements:
            stand_ins = _stand_ins(values)
            statements[shape] = _made(lambda: update(using, *stand_ins), stand_ins, connection)
        statement, parameters = statements[shape]
        if not statement:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(statement, [parameter(values) for parameter in parameters])
            return int(cursor.rowcount)

    return cast("Update", run)


def _padded(value: Any) -> Any:
    """Return a list in one of few lengths, with its last value repeated."""
    if not isinstance(value, list) or not value:
        return value
    return value + value[-1:] * ((1 << (len(value) - 1).bit_length()) - len(value))


def _shape(value: Any) -> Hashable:
    """Return what is the same for all values that make the same statement."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return len(value)
    return type(value).__name__


def _stand_ins(values: Sequence[Any]) -> list[Any]:
    """Return values of the same kinds that can be told from all others."""
    made = 0

    def stand_in(value: Any) -> Any:
        nonlocal made
        made += 1
        if isinstance(value, bool):
            return value
        if isinstance(value, int):
            return _NUMBER + made
        if isinstance(value, datetime):
            moment = _MOMENT + timedelta(days=made)
            return moment if timezone.is_aware(value) else timezone.make_naive(moment, UTC)
        if isinstance(value, str):
            return f"stands for {made}"
        if isinstance(value, list):
            return [stand_in(each) for each in value]
        message = f"A compiled statement takes no {type(value).__name__}: {value!r}."
        raise TypeError(message)

    return [stand_in(value) for value in values]


def _made(
    make: Callable[[], object], stand_ins: Sequence[Any], connection: BaseDatabaseWrapper
) -> tuple[str, list[Parameter]]:
    """
    Return the statement that a function asks, which is not asked, and its parameters.

    The statement is empty if Django sees that none is needed: none of no rows.
    """
    # What is said to a connection that opens is its own, and has to reach the database.
    connection.ensure_connection()
    asked: list[tuple[str, Any]] = []
    with connection.execute_wrapper(lambda _, sql, params, *more: asked.append((sql, params))):
        make()
    if not asked:
        return "", []
    if connection.queries_logged:
        connection.queries_log.pop()  # nobody was asked
    [(statement, params)] = asked
    places: dict[Any, tuple[int, int | None]] = {}
    for n, value in enumerate(stand_ins):
        if isinstance(value, list):
            places |= {_adapted(each, connection): (n, k) for k, each in enumerate(value)}
        elif not isinstance(value, bool):
            places[_adapted(value, connection)] = n, None
    used: set[Any] = set()
    parameters = [_parameter(param, places, used, connection) for param in params]
    if missing := [place for value, place in places.items() if value not in used]:
        message = f"The values at {missing} do not go into the statement: {statement}"
        raise TypeError(message)
    return statement, parameters


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return str(value) if isinstance(value, str) else value  # a choice is more than its text


def _parameter(
    param: Any,
    places: Mapping[Any, tuple[int, int | None]],
    used: set[Any],
    connection: BaseDatabaseWrapper,
) -> Parameter:
    """Return what makes a parameter: of the value that stands for it, or always the same."""
    if isinstance(param, list | tuple):
        each = [_parameter(part, places, used, connection) for part in param]
        return lambda values: [part(values) for part in each]
    if not isinstance(param, int | str | datetime) or param not in places:
        return lambda values: param
    used.add(param)
    n, k = places[param]

    def value(values: Sequence[Any]) -> Any:
        return _adapted(values[n] if k is None else values[n][k], connection)

    if isinstance(param, int):
        kind = type(param)  # a driver may have one for each size of a column
        return lambda values: kind(value(values))
    return value
