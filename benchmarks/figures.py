"""Figures: what was measured, against whom, and whether the target is reached."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Sample = dict[str, Any]
"""What one turn measured: at least ``seconds`` and ``count``."""
Measure = Callable[[Sample], float]


@dataclass(frozen=True)
class Target:
    """What a figure should come to."""

    limit: float
    at_least: bool = True

    def is_met(self, value: float) -> bool:
        """Does a value reach it?"""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.limit:g}"


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    work: str
    where: str
    """The database, or what else the work ran on."""
    unit: str
    ours: float
    other: str
    """Whom or what it is compared with; empty: nothing."""
    others: float | None
    value: float
    """What is judged: the median of the ratios, or the figure itself."""
    lowest: float
    highest: float
    target: Target | None = None

    @property
    def verdict(self) -> str:
        """``ok``, ``short``, or nothing where there is no target."""
        if self.target is None:
            return ""
        return "ok" if self.target.is_met(self.value) else "short"


def rate(sample: Sample) -> float:
    """Return how many a second."""
    return float(sample["count"] / sample["seconds"])


def microseconds(sample: Sample) -> float:
    """Return how long one takes."""
    return float(sample["seconds"] / sample["count"] * 1e6)


def compared(
    work: str,
    where: str,
    ours: Sequence[Sample],
    other: str,
    others: Sequence[Sample],
    *,
    measure: Measure = rate,
    unit: str = "/s",
    target: Target | None = None,
) -> Figure:
    """Return the median ratio of turns that were taken one after the other."""
    mine, theirs = [measure(s) for s in ours], [measure(s) for s in others]
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    return Figure(
        work,
        where,
        unit,
        median(mine),
        other,
        median(theirs),
        median(ratios),
        min(ratios),
        max(ratios),
        target,
    )


def absolute(
    work: str, where: str, values: Iterable[float], unit: str, target: Target | None = None
) -> Figure:
    """Return the median of values that are judged by themselves."""
    found = list(values)
    middle = median(found)
    return Figure(work, where, unit, middle, "", None, middle, min(found), max(found), target)
