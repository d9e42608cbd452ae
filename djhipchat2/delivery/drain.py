"""
Delivering what is due in rooms: lease, mark, hand over, record, give back.

One thread asks the database and a crew speaks to the chats. So one statement serves the messages
of many rooms, and a slow chat slows no other. A room is delivered in small windows that follow the
chat's pace: one message at a time while it answers slowly, more while it answers fast. A worker
that is killed leaves at most the answers of the last ``WINDOW_SECONDS`` unrecorded.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial

from django.db import InterfaceError, OperationalError

from ..connections import connections
from ..models import OutboundMessage
from . import allowance, clock, heartbeat, lease, marks
from .composing import compose
from .crew import Crew
from .holds import Gate, Way
from .judging import Tried
from .lease import Place
from .pace import WINDOW_SECONDS, paces
from .patience import patiently
from .places import Places
from .recording import Recorder
from .rooms import PATIENCE, READ_AHEAD, Rooms
from .run import Run
from .window import KEPT_SECONDS, Window

#: Messages under way at most: one statement names them all, and SQLite's takes 32,766 values.
MOST_IN_HAND = 16_384


class Drain:
    """Delivers what is due in rooms until nothing is, or until its run is over."""

    def __init__(self, run: Run, crew: Crew, using: str) -> None:
        self._run = run
        self._crew = crew
        self._using = using
        self._rooms = Rooms(run, using)
        self._recorder = Recorder(run, self._rooms, using)
        self._unrecorded: list[Window] = []
        self._left: list[OutboundMessage] = []
        """Messages that are marked and were not begun."""
        self._in_hand: Counter[str] = Counter()
        """Messages under way, by connection."""
        self._under_way: set[Window] = set()
        self._waiting: list[Window] = []
        """Windows that are being marked and were not handed over."""
        self._halt = threading.Event()

    def deliver(self, places: Places, *, abandoned: Sequence[Place] = ()) -> None:
        """
        Deliver what is due in rooms, except those that somebody else has.

        First what vanished workers left in ``abandoned`` ones is brought back.
        """
        self._rooms.rescue(abandoned)
        try:
            while True:
                self._begin(places)
                if not self._crew.under_way:
                    return
                self._finish(self._crew.finished())
        finally:
            self._wind_up()

    def _begin(self, places: Places) -> None:
        """Hand over as many windows as the crew has hands for."""
        while not self._run.over and self._crew.free:
            heartbeat.beat(self._using, self._run.trigger, self._run.worker)
            largest = paces.largest
            read_ahead = max(READ_AHEAD, 2 * largest)
            in_hand = self._in_hand.total()
            now = clock.reckoned(self._using)
            self._rooms.refill(read_ahead, now)
            self._rooms.give_back_idle(now)
            self._rooms.take(
                places, self._crew.free * largest, most=largest, read_ahead=read_ahead, now=now
            )
            windows = compose(
                self._rooms,
                hands=self._crew.free,
                messages=self._run.at_most(max(MOST_IN_HAND - in_hand, 0), in_hand=in_hand),
                paces=paces,
                in_hand=self._in_hand,
                # Not as of above: what was put back since is due, and goes before what was not.
                now=clock.reckoned(self._using),
            )
            if not windows or not self._start(windows):
                return

    def _start(self, windows: list[Window]) -> bool:
        """Mark messages and hand their windows over; return False if a limit lets none through."""
        self._waiting = windows
        self._keep_to_limits(windows)
        if not any(window.size for window in windows):
            return False
        self._mark(windows)
        while self._waiting:
            window = self._waiting.pop(0)
            if window.size:
                self._under_way.add(window)
                self._in_hand[window.connection] += window.size
                gate = self._rooms.gates[window.connection]
                self._crew.hand_over(window, self._run.time_limit, partial(self._is_to_stop, gate))
        return True

    def _keep_to_limits(self, windows: Sequence[Window]) -> None:
        """Leave out what is more than the limits of the connections let through now."""
        for window in windows:
            gate = self._rooms.gates[window.connection]
            if not gate.counts:
                continue
            granted = allowance.take(gate, window.size, window.marked_at)
            surplus = window.size - granted
            window.taken = granted if gate.counts else 0
            for share in reversed(window.shares):
                cut = share.cut(min(surplus, len(share.rows)))
                surplus -= len(cut)
                if cut:
                    self._rooms.came_back(share.lease, cut, is_under_way=bool(share.rows))
            window.shares = [share for share in window.shares if share.rows]

    def _mark(self, windows: Sequence[Window]) -> None:
        """Mark the messages; leave out those that may not be sent any more."""
        rows = [row for window in windows for row in window.rows()]
        leases = [share.lease for window in windows for share in window.shares]
        longest = max(connections[window.connection].time_limit for window in windows)
        now = windows[0].marked_at
        probed = [gate.connection for gate in self._rooms.gates.values() if gate.probing]

        def mark() -> set[int]:
            self._rooms.drop(lease.ensure(leases, KEPT_SECONDS + longest + WINDOW_SECONDS))
            marked = marks.mark(self._run.token, rows, now, using=self._using, probed=probed)
            return {row.pk for row in marked}

        marked = patiently(mark, using=self._using, seconds=PATIENCE)
        ready = time.monotonic()
        for window in windows:
            window.ready = ready
            before = window.size
            for share in window.shares:
                share.rows = [row for row in share.rows if row.pk in marked]
                self._rooms.were_marked(share.lease, any_of_them=bool(share.rows))
            self._give_back(window, before - window.size)

    def _give_back(self, window: Window, messages: int) -> None:
        """Count messages of a window as not under way any more."""
        returned = min(messages, window.taken)
        window.taken -= returned
        allowance.give_back(self._rooms.gates[window.connection], returned)

    def _is_to_stop(self, gate: Gate) -> bool:
        return self._halt.is_set() or gate.way is Way.CLOSED or self._run.stop()

    def _finish(self, windows: Sequence[Window]) -> None:
        """Record what came of windows, and raise what has interrupted one of them."""
        self._unrecorded += windows
        for window in windows:
            self._under_way.discard(window)
            self._in_hand[window.connection] -= window.size
            if window.tried:
                paces.learn(window.connection, window.seconds, window.tried)
        self._record()
        for window in windows:
            if window.interruption is not None:
                raise window.interruption

    def _record(self) -> None:
        """Record what came of windows; what was not begun is queued again."""
        windows = self._unrecorded
        shares = [share for window in windows for share in window.shares]
        gates = self._rooms.gates
        tried = [
            Tried(share.lease, gates[share.lease.connection], share.attempts)
            for share in shares
            if share.attempts
        ]
        if tried:
            try:
                self._recorder.write(tried, self._in_hand)
            except (InterfaceError, OperationalError):
                windows.clear()  # told; not once more
                raise
            self._count_under_way()
        self._unrecorded = []
        self._left += [row for share in shares for row in share.left]
        self._put_back_left()
        for window in windows:
            # Not the message in hand of one that was interrupted: it may be under way still.
            self._give_back(window, window.tried + sum(len(s.left) for s in window.shares))
        for share in shares:
            self._rooms.came_back(share.lease, share.left)
        if shares:
            self._run.progress(self._run.summary)

    def _count_under_way(self) -> None:
        """Count what is under way, of connections that told just now that they have a limit."""
        for window in self._under_way:
            if self._rooms.gates[window.connection].counts:
                window.taken = window.taken or window.size

    def _wind_up(self) -> None:
        """Wait for what is under way, record it, and give the rooms back."""
        self._halt.set()
        try:
            self._finish_all()
            self._record()
            self._put_back_left()
            self._put_back_waiting()
        finally:
            self._rooms.give_back()

    def _finish_all(self) -> None:
        try:
            while self._crew.under_way:
                self._finish(self._crew.finished())
        except BaseException:
            rest: list[Window] = []
            while self._crew.under_way:  # a crew that is kept brings the next run only its own
                rest += self._crew.finished()
            self._finish(rest)
            raise

    def _put_back_left(self) -> None:
        self._unmark(self._left)
        self._left = []

    def _put_back_waiting(self) -> None:
        """Put back what was being marked when the run broke off."""
        self._unmark([row for window in self._waiting for row in window.rows()])
        for window in self._waiting:
            self._give_back(window, window.taken)

    def _unmark(self, rows: Sequence[OutboundMessage]) -> None:
        unmark = partial(marks.unmark, self._run.token, rows, using=self._using)
        patiently(unmark, using=self._using, seconds=PATIENCE)
