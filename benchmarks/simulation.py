"""
A model of many rooms and workers under HipChat's limits.

Each room begins with a backlog. A thread of a worker takes the room that has been ready longest,
sends until the room is empty or a limit is used up, and gives it back. What that costs the worker
and the database is measured on a real machine (``benchmarks.scaling``) and given as ``Costs``.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

#: Messages that a room's limit allows in its seconds. Source: "HipChat REST API rate limits" (v2).
ROOM_LIMIT = (30, 60.0)
#: Requests that a token's limit allows in its seconds. Source: the same page.
TOKEN_LIMIT = (500, 300.0)
#: Part of its time for which something has to be busy to be called the bound.
BUSY = 0.9


@dataclass(frozen=True)
class Costs:
    """
    What a visit to a room costs, and each message in it on top.

    The defaults are those of docs/scaling.rst: measured on 25 November 2026, on two cores.
    """

    visit_seconds: float = 0.00057
    """Time at a server that answers at once."""
    message_seconds: float = 0.00101
    visit_cpu: float = 0.00046
    """Time of the worker's processor."""
    message_cpu: float = 0.0009
    visit_statements: float = 0.43
    message_statements: float = 0.147
    statement_cpu: float = 0.00162
    """Time of the database's processor."""


@dataclass(frozen=True)
class Plan:
    """What is simulated."""

    rooms: int
    workers: int
    threads: int = 1
    """Rooms that one worker has in hand at once."""
    backlog: int = 60
    """Messages that wait in each room."""
    rooms_a_token: int = 10
    answer_seconds: float = 0.05
    database_cores: int = 8
    shared_cores: int = 0
    """Cores that workers and database share; 0: each has its own."""
    limited: bool = True
    """Do HipChat's limits apply?"""


@dataclass
class Outcome:
    """What came of it."""

    plan: Plan
    seconds: float
    messages: int
    statements: float
    busy: dict[str, float] = field(default_factory=dict)
    """The part of the time for which each resource was busy."""

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def statements_a_second(self) -> float:
        """The database's load."""
        return self.statements / self.seconds

    @property
    def bound(self) -> str:
        """What keeps it from being faster."""
        name = max(self.busy, key=lambda resource: self.busy[resource])
        return name if self.busy[name] >= BUSY else "HipChat's limits"


class Limit:
    """A number of messages in each window of so many seconds, as HipChat counts them."""

    def __init__(self, allowed: int, seconds: float) -> None:
        self._allowed, self._seconds = allowed, seconds
        self._left, self.resets_at = allowed, 0.0

    def left(self, now: float) -> int:
        """Return how many more may be sent."""
        if now >= self.resets_at:
            self._left, self.resets_at = self._allowed, now + self._seconds
        return self._left

    def take(self, count: int) -> None:
        """Use up so many."""
        self._left -= count


class Simulation:
    """One run; time passes as the rooms' visits do."""

    def __init__(self, plan: Plan, costs: Costs) -> None:
        self._plan, self._costs = plan, costs
        self._waiting = [plan.backlog] * plan.rooms
        self._rooms: dict[int, Limit] = {}
        self._tokens: dict[int, Limit] = {}
        self._worker_until = [0.0] * plan.workers
        self._database_until = 0.0
        self._machine_until = 0.0
        self._thread_seconds = self._database_seconds = self._worker_seconds = 0.0
        self._statements = 0.0

    def run(self) -> Outcome:
        """Go on until every room is empty."""
        plan = self._plan
        ready = [(0.0, room) for room in range(plan.rooms)]
        free = [(0.0, n % plan.workers) for n in range(plan.workers * plan.threads)]
        heapq.heapify(free)
        end = 0.0
        while ready:
            at, room = heapq.heappop(ready)
            since, worker = heapq.heappop(free)
            start = max(at, since)
            count, again = self._allowed(room, start)
            done = self._visit(worker, start, count) if count else start
            heapq.heappush(free, (done, worker))
            self._waiting[room] -= count
            if self._waiting[room]:
                heapq.heappush(ready, (max(done, again), room))
            end = max(end, done)
        return self._outcome(end)

    def _allowed(self, room: int, now: float) -> tuple[int, float]:
        """Return how many messages may go to a room now, and when to come back for the rest."""
        if not self._plan.limited:
            return self._waiting[room], now
        own = self._rooms.setdefault(room, Limit(*ROOM_LIMIT))
        token = self._tokens.setdefault(room // self._plan.rooms_a_token, Limit(*TOKEN_LIMIT))
        of_room, of_token = own.left(now), token.left(now)
        count = min(self._waiting[room], of_room, of_token)
        own.take(count)
        token.take(count)
        again = token.resets_at if of_token - count == 0 else own.resets_at
        return count, again

    def _visit(self, worker: int, start: float, count: int) -> float:
        """Return when a visit is over that begins now, given what else everybody has to do."""
        plan, costs = self._plan, self._costs
        waited = costs.visit_seconds + count * (costs.message_seconds + plan.answer_seconds)
        cpu = costs.visit_cpu + count * costs.message_cpu
        statements = costs.visit_statements + count * costs.message_statements
        database = statements * costs.statement_cpu
        self._worker_until[worker] = max(start, self._worker_until[worker]) + cpu
        self._database_until = max(start, self._database_until) + database / plan.database_cores
        if plan.shared_cores:
            shared = (cpu + database) / plan.shared_cores
            self._machine_until = max(start, self._machine_until) + shared
        done = max(
            start + waited, self._worker_until[worker], self._database_until, self._machine_until
        )
        self._thread_seconds += done - start
        self._worker_seconds += cpu
        self._database_seconds += database
        self._statements += statements
        return done

    def _outcome(self, end: float) -> Outcome:
        plan = self._plan
        busy = {
            "database": self._database_seconds / plan.database_cores / end,
            "workers' processors": self._worker_seconds / plan.workers / end,
            "threads": self._thread_seconds / (plan.workers * plan.threads) / end,
        }
        if plan.shared_cores:
            used = self._database_seconds + self._worker_seconds
            busy["machine"] = used / plan.shared_cores / end
        return Outcome(plan, end, plan.rooms * plan.backlog, self._statements, busy)


def simulate(plan: Plan, costs: Costs) -> Outcome:
    """Return what comes of a plan."""
    return Simulation(plan, costs).run()
