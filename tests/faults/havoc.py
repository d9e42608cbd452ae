"""What may happen to a site while it works: a deck of blows that is shuffled and played."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.brokers import Broker
from tests.faults.chats import Chat
from tests.faults.crew import Crew, Member, runs
from tests.faults.databases import Database
from tests.faults.outbox import Outbox
from tests.faults.servers import Redis
from tests.waiting import pause, wait_until

ROOMS = tuple(f"Room {number}" for number in range(12))
#: What a worker of the site is set to; see the suite's conftest for the reasons.
SETTINGS = {
    "HIPCHAT_TIMEOUT": 3,
    "HIPCHAT_LEASE_SECONDS": 1,
    "HIPCHAT_BACKOFF_BASE": 0.2,
    "HIPCHAT_BACKOFF_CAP": 2,
    "HIPCHAT_MAX_ATTEMPTS": 1000,
}
#: Longer than a lease that was just made to outlast an attempt.
FREEZE_SECONDS = 5.0
FAULTS = ("unavailable", "rate_limited", "hang", "drop_before", "drop_after")


@dataclass
class Site:
    """A project at work: who sends and delivers, and what they stand on."""

    outbox: Outbox
    crew: Crew
    chat: Chat
    database: Database
    broker: Broker | None
    redis: Redis | None
    chance: random.Random
    flushers: list[Member] = field(default_factory=list)
    senders: list[Member] = field(default_factory=list)
    celery_workers: list[Member] = field(default_factory=list)
    streams: int = 0

    def man(self) -> None:
        """Start as many of each as there should be, in place of those that have ended."""
        self.bury()
        while len(self.flushers) < 2:
            self.flushers.append(self.crew.flusher())
        while len(self.senders) < 3:
            self.senders.append(self._sender())
        while self.broker is not None and len(self.celery_workers) < 1:
            self.celery_workers.append(self.crew.celery_worker())

    def bury(self) -> None:
        """Count the processes that have ended by themselves, and tell what they said."""
        for members in (self.flushers, self.senders, self.celery_workers):
            for member in [member for member in members if not member.alive]:
                self.outbox.tally.gave_up += 1
                print(f"A process has given up. It said:\n{member.said}")
                members.remove(member)

    def _victim(self, members: list[Member]) -> Member:
        """Take one out of some members; ``man()`` replaces it."""
        return members.pop(self.chance.randrange(len(members)))

    def _sender(self) -> Member:
        self.streams += 1
        arguments = (f"s{self.streams}", str(self.chance.random()), str(self.crew.folder), *ROOMS)
        backend = "request" if self.broker is None else "celery"
        return self.crew.start("-m", "tests.faults.sender", *arguments, backend=backend)

    def deck(self) -> list[Callable[[], None]]:
        """Return all blows that this site can take, in the order of chance."""
        blows = [
            *(self.kill_flusher, self.kill_flusher, self.kill_sender, self.stop_flusher),
            *(self.freeze_flusher, self.take_chat_away, self.take_database_away),
            *(lambda kind=kind: self.play_fault(kind) for kind in FAULTS),
        ]
        if self.broker is not None:
            blows += [self.kill_celery_worker, self.kill_celery_child, self.kill_celery_child]
        if self.redis is not None:
            blows += [self.empty_redis, self.take_redis_away]
        self.chance.shuffle(blows)
        return blows

    def kill_flusher(self) -> None:
        """Kill a flush process."""
        self.outbox.note_kill(self._victim(self.flushers).kill())

    def kill_sender(self) -> None:
        """Kill a process that sends."""
        self.outbox.note_kill(self._victim(self.senders).kill())

    def kill_celery_worker(self) -> None:
        """Kill a Celery worker with its children."""
        self.outbox.note_kill(self._victim(self.celery_workers).kill())

    def kill_celery_child(self) -> None:
        """Kill a child of a Celery worker, which replaces it."""
        worker = self.chance.choice(self.celery_workers)
        wait_until(lambda: worker.children)
        pid = self.chance.choice(worker.children)
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not runs(pid))
        self.outbox.note_kill([pid])

    def stop_flusher(self) -> None:
        """Stop a flush process as an operator does."""
        self._victim(self.flushers).end()
        self.outbox.tally.stops += 1

    def freeze_flusher(self) -> None:
        """Let a flush process stand still until its rooms are taken over, and then go on."""
        member = self.chance.choice(self.flushers)
        member.send(signal.SIGSTOP)
        pause(FREEZE_SECONDS)
        member.send(signal.SIGCONT)
        self.outbox.tally.freezes += 1

    def play_fault(self, kind: str) -> None:
        """Have the chat answer some messages badly, late, or not at all."""
        times = self.chance.randint(1, 10)
        options = {"retry_after": self.chance.randint(1, 2), "seconds": self.chance.uniform(0, 5)}
        self.outbox.server.fault(kind, times=times, **options)

    def take_chat_away(self) -> None:
        """Kill the chat and start it again."""
        self.outbox.survive(self.chat)
        self.outbox.use(self.chat.server)

    def take_database_away(self) -> None:
        """Take the database away and give it back."""
        self.outbox.survive(self.database)

    def empty_redis(self) -> None:
        """Delete all tasks."""
        assert self.redis is not None
        self.redis.forget()
        self.outbox.tally.restarts += 1

    def take_redis_away(self) -> None:
        """Take the broker away and give it back, empty."""
        assert self.redis is not None
        self.outbox.survive(self.redis)
