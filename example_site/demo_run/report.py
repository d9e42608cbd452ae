"""The table of rows, and whether rows and server agree. Import it after ``django.setup()``."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from djhipchat2.models import OutboundMessage
from djhipchat2.states import Outcome, Status

HEADINGS = ("Id", "Room", "Sender", "Message", "Sent through", "Status", "Attempts", "Error")
#: The widest that a column gets; the last one gets what the terminal leaves it.
WIDTHS = (6, 16, 16, 26, 18, 10, 8)
ERROR_AT_LEAST = 24


def rows_of(doors: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return the table's lines: each message with what became of it."""
    lines = []
    for row in OutboundMessage.objects.order_by("pk").prefetch_related("delivery_attempts"):
        failed = [
            f"attempt {made.number}: {made.error}"
            for made in row.delivery_attempts.all()
            if made.outcome != Outcome.ACCEPTED
        ]
        error = row.error or "; ".join(failed)
        door = doors.get(row.message, "?")
        line = (row.pk, row.room_id, row.sender, row.message, door, row.status, row.attempts, error)
        lines.append(tuple(str(cell) for cell in line))
    return lines


def table(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return headings and lines in columns."""
    columns = list(zip(HEADINGS, *lines, strict=True))
    widths = [
        min(limit, max(map(len, column))) for limit, column in zip(WIDTHS, columns, strict=False)
    ]
    left = shutil.get_terminal_size((140, 24)).columns - sum(widths) - 2 * len(HEADINGS)
    widths.append(min(max(left, ERROR_AT_LEAST), max(map(len, columns[-1]))))
    ruler = ["-" * width for width in widths]
    return [
        "  ".join(
            _cut(cell, width).ljust(width) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in (HEADINGS, ruler, *lines)
    ]


def problems(expected: Iterable[str], arrived: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return in words where a row is not sent, or did not arrive exactly once as it stands."""
    found = []
    rows = list(OutboundMessage.objects.order_by("pk"))
    there = Counter(map(_as_arrived, arrived))
    for row in rows:
        times = there.pop(_as_sent(row), 0)
        if row.status != Status.SENT or times != 1:
            what = f"Message {row.pk} arrived {times} times and is {row.status}. {row.error}"
            found.append(what.rstrip())
    for (_room, _sender, text, *_), times in there.items():
        found.append(f"{_cut(text, 40)!r} arrived {times} times and has no row.")
    written = Counter(row.message for row in rows)
    for text in expected:
        if written[text] != 1:
            found.append(f"{_cut(text, 40)!r} has {written[text]} rows, not one.")
    return found


def _as_sent(row: OutboundMessage) -> tuple[Any, ...]:
    return (row.room_id, row.sender, row.message, row.message_format, row.color, row.notify)


def _as_arrived(message: Mapping[str, Any]) -> tuple[Any, ...]:
    names = ("room", "from", "message", "message_format", "color_asked", "notify")
    return tuple(message[name] for name in names)


def _cut(text: str, length: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
