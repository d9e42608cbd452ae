"""Comparing what was committed with what arrived. Pure: both sides are passed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from djhipchat2.states import Outcome, Status
from tests.faults.tally import Tally

#: Outcomes after which the chat has the message, or may have it.
MAY_HAVE_ARRIVED = (Outcome.ACCEPTED, Outcome.UNKNOWN)


@dataclass(frozen=True)
class Entry:
    """A row of the outbox with its attempts' outcomes, the first first."""

    text: str
    room: str
    status: str
    error: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class Arrival:
    """A message that the chat took."""

    text: str
    room: str


def text_of(stream: str, number: int) -> str:
    """Return the text of a stream's message; the texts of a stream sort as they were sent."""
    return f"{stream}/{number:06}"


def audit(
    entries: Sequence[Entry],
    arrivals: Sequence[Arrival],
    *,
    confirmed: Collection[str] = (),
    rolled_back: Collection[str] = (),
    every_first: bool = False,
) -> Tally:
    """
    Return what the messages came to.

    ``confirmed`` and ``rolled_back`` are texts as their senders remember them. The order is that
    of the messages whose first attempt was accepted; with ``every_first`` that of all, which holds
    where a failed message is tried again at once.
    """
    arrived = Counter(arrival.text for arrival in arrivals)
    stored = {entry.text for entry in entries}
    first_accepted = accepted_at_first(entries)
    return Tally(
        accepted=len(stored | set(confirmed)),
        delivered=len(arrived),
        failed=sum(_ended_otherwise(entry) for entry in entries),
        repeated=arrived.total() - len(arrived),
        unexplained=sum(_unexplained(entry, arrived[entry.text]) for entry in entries),
        lost=len(set(confirmed) - stored) + sum(_lost(e, arrived[e.text]) for e in entries),
        limbo=sum(entry.status in (Status.QUEUED, Status.SENDING) for entry in entries),
        ghosts=len(set(rolled_back) & set(arrived)),
        disordered=len(find_disordered(arrivals, stored if every_first else first_accepted)),
    )


def accepted_at_first(entries: Iterable[Entry]) -> set[str]:
    """Return the texts of the messages whose first attempt was accepted."""
    return {entry.text for entry in entries if entry.outcomes[:1] == (Outcome.ACCEPTED,)}


def find_disordered(arrivals: Iterable[Arrival], counted: Collection[str]) -> list[tuple[str, str]]:
    """Return those of the counted texts that arrived after a later one of their room, with that."""
    latest: dict[tuple[str, str], str] = {}
    seen: set[str] = set()
    disordered: list[tuple[str, str]] = []
    for arrival in arrivals:
        if arrival.text not in counted or arrival.text in seen:
            continue
        seen.add(arrival.text)
        place = (arrival.room, arrival.text.partition("/")[0])
        if arrival.text < latest.get(place, ""):
            disordered.append((arrival.text, latest[place]))
        else:
            latest[place] = arrival.text
    return disordered


def _ended_otherwise(entry: Entry) -> bool:
    return entry.status in (Status.EXPIRED, Status.CANCELLED) or (
        entry.status == Status.FAILED and bool(entry.error)
    )


def _unexplained(entry: Entry, arrived: int) -> int:
    """Return how many arrivals of a row are more than its attempts can have caused."""
    causes = sum(outcome in MAY_HAVE_ARRIVED for outcome in entry.outcomes)
    # A row that is still being sent may have arrived once more than is recorded.
    causes += entry.status == Status.SENDING
    return max(arrived - causes, 0)


def _lost(entry: Entry, arrived: int) -> bool:
    nameless = entry.status == Status.FAILED and not entry.error
    return nameless or (entry.status == Status.SENT and not arrived)
