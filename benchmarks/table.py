"""The one table."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Figure

HEADERS = ("work", "on", "ours", "against", "", "ratio", "spread", "target", "")
#: Columns that hold numbers.
RIGHT = (2, 4, 5, 6, 7)


def number(value: float | None, unit: str = "") -> str:
    """Return a number with three significant digits or all of those before the point."""
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    gap = "" if unit.startswith("/") else " "
    return f"{value:,.{digits}f}{gap}{unit}".rstrip()


def cells(figure: Figure) -> tuple[str, ...]:
    """Return a figure's cells."""
    ratio = "" if figure.others is None else number(figure.value)
    return (
        figure.work,
        figure.where,
        number(figure.ours, figure.unit),
        figure.other,
        number(figure.others, figure.unit),
        ratio,
        f"{number(figure.lowest)} - {number(figure.highest)}",
        str(figure.target or ""),
        figure.verdict,
    )


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a text table."""
    rows = [HEADERS, *map(cells, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [_line(row, widths) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    aligned = [
        cell.rjust(width) if place in RIGHT else cell.ljust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(aligned).rstrip()
