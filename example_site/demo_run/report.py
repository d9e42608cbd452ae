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
MESSAGE_AT_LEAST = 8
MESSAGE = HEADINGS.index("Message")
#: Between two columns, and before the first.
GAP = "  "


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
    """Return headings and lines in columns that fit the terminal."""
    columns = list(zip(HEADINGS, *lines, strict=True))
    widths = [
        min(limit, max(map(len, column))) for limit, column in zip(WIDTHS, columns, strict=False)
    ]
    terminal = shutil.get_terminal_size((140, 24)).columns
    left = terminal - sum(widths) - len(GAP) * len(HEADINGS)
    if left >= ERROR_AT_LEAST:
        widths.append(min(left, max(map(len, columns[-1]))))
        return [_row(line, widths) for line in (HEADINGS, _ruler(widths), *lines)]
    # A narrow terminal: messages give up what is missing, and errors stand below their rows.
    widths[MESSAGE] = max(widths[MESSAGE] + min(left + len(GAP), 0), MESSAGE_AT_LEAST)
    shown = [_row(line, widths) for line in (HEADINGS, _ruler(widths))]
    for line in lines:
        shown.append(_row(line, widths))
        if line[-1]:
            indent = " " * widths[0] + GAP
            shown.append(indent + _cut(line[-1], max(terminal - 2 * len(indent), ERROR_AT_LEAST)))
    return shown


def _ruler(widths: Sequence[int]) -> list[str]:
    return ["-" * width for width in widths]


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return as many cells as there are widths, in one line."""
    columns = zip(cells, widths, strict=False)
    return GAP.join(_cut(cell, width).ljust(width) for cell, width in columns).rstrip()


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
