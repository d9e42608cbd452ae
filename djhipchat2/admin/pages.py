"""
Pages of a list of any size: no OFFSET, no count, and an answer within a time.

A page is asked for by the row that it is next to, so the last page costs what the first does. What
no index finds is looked for in one stretch of the table after the other, until the page is full or
the time is up; then the page says how far it got.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import Any, Self

from django.db.models import QuerySet

from .numbers import number_of

#: Seconds that a page spends on looking for what no index finds.
PATIENCE = 0.12
#: Rows that the first stretch has.
FIRST_STRETCH = 5_000
#: How many times larger than the one before a stretch is at most.
GROWTH = 40


@dataclass(frozen=True)
class Place:
    """Where a page begins: next to the row with a number; None: at the beginning of the list."""

    number: int | None = None
    forward: bool = True
    """Does the page go on from there, rather than back towards the beginning?"""

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the place that ``str()`` wrote; the beginning for any other text."""
        sign, digits = text[:1], text[1:]
        number = number_of(digits)
        if sign not in ("-", "~") or number is None:
            return cls()
        return cls(number, forward=sign == "-")

    def __str__(self) -> str:
        return f"{'-' if self.forward else '~'}{self.number}"


@dataclass
class Slice:
    """What a page shows."""

    rows: list[Any] = field(default_factory=list)
    previous: Place | None = None
    """The page before; None: there is none."""
    following: Place | None = None
    """The page after; None: there is none."""
    reached: int | None = None
    """The number to which the table was read when the time was up; None: it is read, or full."""


def cut(found: list[Any], place: Place, wanted: int, *, reached: int | None = None) -> Slice:
    """Return a page of rows that were found from a place on, one more than wanted if there are."""
    more = len(found) > wanted
    rows = found[:wanted]
    if reached is not None:
        beyond: Place | None = Place(reached, forward=place.forward)
    else:
        beyond = Place(rows[-1].pk, forward=place.forward) if more else None
    back = None
    if place.number is not None:
        edge = rows[0].pk if rows else place.number
        back = Place(edge, forward=not place.forward)
    if place.forward:
        return Slice(rows, back, beyond, reached)
    return Slice(rows[::-1], beyond, back, reached)


@dataclass(frozen=True)
class Newest:
    """A list with the newest first, in which rows never move: ordered by number."""

    wanted: int
    patience: float = PATIENCE

    def find(self, branches: Sequence[QuerySet[Any]], place: Place) -> Slice:
        """Return a page of the rows of all branches, each of which an index finds in order."""
        found = self._from(branches, place, self.wanted + 1)
        return cut(found, place, self.wanted)

    def search(self, rows: QuerySet[Any], place: Place) -> Slice:
        """Return a page of rows for which the table has to be read, or how far it was read."""
        found: list[Any] = []
        walk = _walk(rows, place, self.patience)
        while len(found) <= self.wanted and walk.low < walk.high:
            if walk.is_over():
                return cut(found, place, self.wanted, reached=walk.reached)
            low, high = walk.step()
            stretch = rows.filter(pk__gte=low, pk__lt=high)
            missing = self.wanted + 1 - len(found)
            found += self._from([stretch], Place(forward=place.forward), missing)
        return cut(found, place, self.wanted)

    def _from(self, branches: Sequence[QuerySet[Any]], place: Place, most: int) -> list[Any]:
        sign = "-" if place.forward else ""
        beyond: dict[str, Any] = {}
        if place.number is not None:
            beyond = {"pk__lt" if place.forward else "pk__gt": place.number}
        found = [rows.filter(**beyond).order_by(f"{sign}pk")[:most] for rows in branches]
        if len(found) == 1:
            return list(found[0])
        merged = merge(*found, key=lambda row: row.pk, reverse=place.forward)
        return [row for row, _ in zip(merged, range(most), strict=False)]


@dataclass
class _Walk:
    """What of a table, between two numbers, is still to be read, and for how long."""

    low: int
    high: int
    forward: bool
    patience: float
    size: int
    read: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def reached(self) -> int:
        """The last number that was read."""
        return self.high if self.forward else self.low - 1

    def is_over(self) -> bool:
        """Is the time up? Never before the first stretch, so that each page gets ahead."""
        return bool(self.read) and time.monotonic() - self.started >= self.patience

    def step(self) -> tuple[int, int]:
        """Return the bounds of the next stretch: as long as the time left, at the pace so far."""
        if self.read:
            spent = time.monotonic() - self.started
            affordable = self.read / max(spent, 1e-3) * (self.patience - spent)
            self.size = max(FIRST_STRETCH, min(int(affordable), self.size * GROWTH))
        self.read += self.size
        if self.forward:
            bounds = max(self.low, self.high - self.size), self.high
            self.high = bounds[0]
        else:
            bounds = self.low, min(self.high, self.low + self.size)
            self.low = bounds[1]
        return bounds


def _walk(rows: QuerySet[Any], place: Place, patience: float) -> _Walk:
    table = rows.model._default_manager.using(rows.db).order_by("pk").values_list("pk", flat=True)
    low, high = table.first() or 0, (table.last() or -1) + 1
    if place.number is not None and place.forward:
        high = min(high, place.number)
    elif place.number is not None:
        low = max(low, place.number + 1)
    return _Walk(low, high, place.forward, patience, FIRST_STRETCH)
