"""The rooms that a worker has leased: taken, read, given back."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured

from ..connections import connections
from ..models import OutboundMessage
from . import allowance, clock, due, holds, lease, marks, recovery
from .gates import Gates
from .holds import Way
from .lease import Lease, LeaseLost, Place
from .patience import patiently
from .places import Places, Waiting
from .room import Room
from .run import Run

logger = logging.getLogger(__name__)

#: Rooms that are leased with one statement at most.
ROOMS_AT_ONCE = 64
#: Messages of a room that are read ahead at least.
READ_AHEAD = 32
#: Seconds to go on asking a database in trouble where giving up loses nothing.
PATIENCE = 5.0


class Rooms:
    """The rooms of one run, and the connections that they belong to."""

    def __init__(self, run: Run, using: str) -> None:
        self._run = run
        self._using = using
        self._by_key: dict[int, Room] = {}
        self._again: deque[Waiting] = deque()
        self.gates = Gates(run, using)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._by_key.values()))

    def take(
        self, places: Places, messages: int, *, most: int, read_ahead: int, now: datetime
    ) -> None:
        """
        Lease more of these rooms until so many messages are ready, or no room is left.

        At most ``most`` messages of a room are counted.
        """
        while True:
            ready = sum(min(len(room.rows), most) for room in self if room.is_ready)
            missing = messages - ready
            if missing <= 0:
                return
            found = self._find(places, min(missing, ROOMS_AT_ONCE), now)
            if not found:
                return
            self._claim(found, read_ahead)

    def _find(self, places: Places, number: int, now: datetime) -> list[Waiting]:
        """Return the next places with due messages, so many at most."""
        found: list[Waiting] = []
        looked_at: set[str] = set()
        while more := self._open(places, number - len(found), looked_at, now):
            found += due.still_due(self._using, more, now)
            if len(found) >= number:
                break
        return found

    def _open(
        self, places: Places, number: int, looked_at: set[str], now: datetime
    ) -> list[Waiting]:
        """Return the next places that may have due messages and are not closed to us."""
        found: list[Waiting] = []
        while len(found) < number and (waiting := self._next(places)) is not None:
            gate = self.gates.look(waiting.place, looked_at, now)
            if gate is not None and gate.way is not Way.CLOSED and waiting.may_be_due(now):
                found.append(waiting)
        return found

    def _next(self, places: Places) -> Waiting | None:
        return self._again.popleft() if self._again else next(places, None)

    def _claim(self, found: Sequence[Waiting], read_ahead: int) -> None:
        """Lease rooms, and read them then: what their former workers put back comes first."""
        numbers = {waiting.place: waiting.number for waiting in found}

        def claim() -> dict[Place, Lease]:
            run = self._run
            return lease.claim(list(numbers), token=run.token, owner=run.worker, using=self._using)

        claimed = patiently(claim, using=self._using, seconds=PATIENCE)
        # What fell back to a room that this run has, or a spelling of it, leads to it once more.
        leases = {
            place: held for place, held in claimed.items() if held.room_pk not in self._by_key
        }
        rooms = [Room(held, self.gates[held.connection]) for held in leases.values()]
        # Before anything that can fail: what is known here is given back.
        self._by_key |= {room.lease.room_pk: room for room in rooms}
        for room in rooms:
            if room.lease.former_owner:
                self._recover(room.lease)
        now = clock.reckoned(self._using)
        few = {
            place: number
            for place in leases
            if (number := numbers[place]) is not None and number <= read_ahead
        }
        known = due.read_together(self._using, few, read_ahead, now)
        for room in rooms:
            place = room.lease.place
            rows = known.get(place)
            if rows is None:
                rows = due.read(self._using, place, read_ahead, now)
            self._add(room, rows, read_ahead)
        if leases:
            self._end_overdue(list(leases.values()), now)

    def rescue(self, places: Sequence[Place]) -> None:
        """Bring back what vanished workers left in rooms, also in rooms that are on hold."""
        run = self._run
        usable = [place for place in places if connections.can_use(place[0])]
        if not usable:
            return

        def claim() -> dict[Place, Lease]:
            return lease.claim(
                usable, token=run.token, owner=run.worker, using=self._using, held_too=True
            )

        leases = list(patiently(claim, using=self._using, seconds=PATIENCE).values())
        try:
            for held in leases:
                self._recover(held)
        finally:
            self._release(leases)

    def _recover(self, held: Lease) -> None:
        gate = self.gates.made(held.connection)
        try:
            recovered = recovery.recover(held, gate, trigger=self._run.trigger)
        except LeaseLost:
            logger.warning("Room %s was taken over from %s.", held.room_id, held.owner)
        except ImproperlyConfigured as error:
            self.gates.leave(held.place, error)
        else:
            allowance.give_back(gate, recovered)
            self._run.summary.recovered += recovered

    def _end_overdue(self, leases: Sequence[Lease], now: datetime) -> None:
        """End what has expired in rooms."""
        names = {held.connection for held in leases}
        rooms = {held.room_id for held in leases}
        self._run.summary.expired += marks.expire_in(self._using, list(names), list(rooms), now)

    def refill(self, read_ahead: int, now: datetime) -> None:
        """Read on in the rooms of which everything that was read is handed over."""
        for room in self:
            if room.is_under_way or room.is_stopped or room.rows or room.read_all:
                continue
            self._add(room, due.read(self._using, room.lease.place, read_ahead, now), read_ahead)

    def _add(self, room: Room, rows: Sequence[OutboundMessage], read_ahead: int) -> None:
        """Take up what was read of a room, unless it was written for another way out than ours."""
        room.read_all = len(rows) < read_ahead
        try:
            room.require_own(rows)
            connections.require_same_way(room.lease.connection, (row.backend for row in rows))
        except ImproperlyConfigured as error:
            room.is_stopped = True
            self.gates.leave(room.lease.place, error)
        else:
            room.rows.extend(rows)

    def stop(self, held: Lease) -> None:
        """Leave a room alone from now on: it is on hold, or its limit is used up."""
        if held.room_pk in self._by_key:
            self._by_key[held.room_pk].is_stopped = True

    def were_marked(self, held: Lease, *, any_of_them: bool) -> None:
        """
        Note whether messages of a room that were to be sent could be marked.

        If none could be, somebody may have cancelled them, and the next ones are due. The second
        time in a row something keeps them: the room is on hold, or somebody else has it.
        """
        room = self._by_key.get(held.room_pk)
        if room is None:
            return
        room.unmarked = 0 if any_of_them else room.unmarked + 1
        room.is_stopped |= room.unmarked > 1
        if not any_of_them:
            self.came_back(held, [])

    def came_back(
        self, held: Lease, rows: Sequence[OutboundMessage], *, is_under_way: bool = False
    ) -> None:
        """Have messages of a room back that were not sent, and the room if none is under way."""
        room = self._by_key.get(held.room_pk)
        if room is not None:
            room.rows.extendleft(reversed(rows))
            room.is_under_way = is_under_way
            self._by_key[held.room_pk] = self._by_key.pop(held.room_pk)  # the others first

    def give_back_idle(self, now: datetime) -> None:
        """Give back the rooms in which nothing is left to do, and look once more what is due there.

        A message that was committed while its room was taken was left to us by its sender.
        """
        over = [room for room in self if room.is_over]
        self._release([room.lease for room in over])
        places = [room.lease.place for room in over if not room.is_stopped]
        self._again.extend(map(Waiting, due.places_due(self._using, places, now)))

    def look_at(self, connection: str, room_id: str) -> None:
        """Look what is due in a room before any other."""
        self._again.append(Waiting((connection, room_id)))

    def drop(self, leases: Iterable[Lease]) -> None:
        """Forget rooms that somebody else has taken over."""
        for held in leases:
            self._by_key.pop(held.room_pk, None)
            logger.warning("Room %s was taken over from %s.", held.room_id, held.owner)

    def give_back(self) -> None:
        """Give back all rooms, and the right to probe where it came to nothing."""
        self._release([room.lease for room in self])
        for gate in self.gates.values():
            if gate.probing:
                holds.give_back_probe(gate, clock.now(self._using))

    def _release(self, leases: Sequence[Lease]) -> None:
        if leases:
            patiently(lambda: lease.release(leases), using=self._using, seconds=PATIENCE)
        for held in leases:
            self._by_key.pop(held.room_pk, None)
