"""Messages as CSV and JSON, a piece at a time: a million rows need no more memory than some."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

COLUMNS = (
    *("id", "created", "connection", "backend", "room_id", "sender", "message", "message_format"),
    *("notify", "color", "card", "status", "attempts", "error", "held", "next_attempt_at"),
    *("deliver_at", "expires_at", "sent_at", "finished_at", "dedupe_key", "resend_of_id"),
    *("fallback", "fallback_of_id", "route_group"),
)
#: Rows that are read at a time.
PIECE = 2_000
#: What a cell begins with that a spreadsheet takes for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

Row = tuple[Any, ...]


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


def as_csv(rows: QuerySet[Any]) -> Iterator[str]:
    """Yield the lines of a CSV file; no cell is a formula to a spreadsheet."""
    writer = csv.writer(_Echo())
    yield writer.writerow(COLUMNS)
    for row in _read(rows):
        yield writer.writerow([_cell(value) for value in row])


def as_json(rows: QuerySet[Any]) -> Iterator[str]:
    """Yield the lines of a JSON file: a list with an object a message."""
    yield "["
    separator = "\n"
    for row in _read(rows):
        content = dict(zip(COLUMNS, row, strict=True))
        yield separator + json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False)
        separator = ",\n"
    yield "\n]\n"


#: By name: the file's type, and what writes it.
FORMATS: dict[str, tuple[str, Callable[[QuerySet[Any]], Iterable[str]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}


def _read(rows: QuerySet[Any]) -> Iterator[Row]:
    """Yield rows by number, with short queries: a cursor would stay open for hours."""
    values = rows.order_by("pk").values_list(*COLUMNS)
    piece = list(values[:PIECE])
    while piece:
        yield from piece
        piece = list(values.filter(pk__gt=piece[-1][0])[:PIECE])


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict | list):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
