"""An outbox with the local chat behind it, and what the suite asks of both."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from itertools import count
from typing import Any, Protocol

from djhipchat2.api import send_messages
from djhipchat2.delivery import clock
from djhipchat2.delivery.engine import database
from djhipchat2.models import DeliveryAttempt, OutboundMessage, Room
from tests.faults.databases import answers
from tests.faults.doubt import Doubts, pids_at_work
from tests.faults.ledger import Arrival, Entry, audit, text_of
from tests.faults.tally import Tally
from tests.hipchat_server import HipChatServer
from tests.waiting import wait_until

#: Generous: a loaded machine is slow, and only a failure waits for so long.
DRAIN_SECONDS = 60
UNLIMITED = 1_000_000
#: Longer than what waits for a database or a broker waits at once.
OUTAGE_SECONDS = 2.0


class Breakable(Protocol):
    """A part that can be taken away for a while."""

    def outage(self, seconds: float) -> None:
        """Take it away, and give it back."""


class Outbox:
    """The rows of the test's database and the messages that the chat received."""

    def __init__(self, server: HipChatServer, tally: Tally) -> None:
        self.use(server)
        self.tally = tally
        self.doubts = Doubts()
        self._numbers = count()

    def use(self, server: HipChatServer) -> None:
        """Have the messages arrive at a chat that says that it takes as many as anybody sends."""
        server.limits(token_per_5_minutes=UNLIMITED)
        self.server = server

    def queue(self, number: int, rooms: Iterable[str] = ("Ops",), *, defer: bool = True) -> None:
        """Write so many messages, dealt out to the rooms in turn."""
        names = list(rooms)
        send_messages(
            [
                {"room_id": names[n % len(names)], "message": text_of("test", next(self._numbers))}
                for n in range(number)
            ],
            defer=defer,
        )

    @property
    def arrived(self) -> int:
        """How many messages the chat has taken, repeats included."""
        return int(self.server.counts()["accepted"])

    @property
    def unfinished(self) -> int:
        """How many messages have not come to their end."""
        return OutboundMessage.objects.filter(finished_at=None).count()

    @property
    def drained(self) -> bool:
        """Has every message come to its end?"""
        return not self.unfinished

    def wait_until_drained(self) -> None:
        """Wait until every message has come to its end."""
        wait_until(lambda: self.drained, seconds=DRAIN_SECONDS)

    def wait_for_arrivals(self, more: int) -> None:
        """Wait until the chat has taken so many more messages, or there are none left."""
        before = self.arrived
        wait_until(lambda: self.arrived >= before + more or self.drained, seconds=DRAIN_SECONDS)

    def wait_for_work(self, pids: Iterable[int], rooms: Collection[str], **options: Any) -> int:
        """Queue messages until one of the processes has a room in hand; return its id."""
        known = set(pids)
        waiting = OutboundMessage.objects.filter(finished_at=None, room_id__in=rooms)

        def busy() -> set[int]:
            if not waiting.exists():
                self.queue(10 * len(rooms), rooms, **options)
            return known & pids_at_work()

        wait_until(busy, seconds=DRAIN_SECONDS)
        return min(known & pids_at_work() or known)

    def note_kill(self, pids: Iterable[int]) -> None:
        """Count a kill, and note what the dead had in hand."""
        before = self.doubts.kills
        self.doubts.add(set(pids))
        self.tally.kills += 1
        self.tally.kills_in_hand += self.doubts.kills - before

    def survive(self, part: Breakable) -> None:
        """Take a part away, count it, and return when it is back."""
        part.outage(OUTAGE_SECONDS)
        self.tally.restarts += 1
        wait_until(answers, seconds=DRAIN_SECONDS)

    def audit(self, *, every_first: bool = True) -> Tally:
        """Return what the messages came to; the numbers go into the run's tally, too."""
        result = audit(entries(), arrivals(self.server), every_first=every_first)
        self.tally.add(result)
        return result

    @property
    def repeats(self) -> Counter[str]:
        """How often each text arrived after its first time."""
        times = Counter(arrival.text for arrival in arrivals(self.server))
        return Counter({text: number - 1 for text, number in times.items() if number > 1})

    @property
    def all_given_back(self) -> bool:
        """Is no room leased and no message marked as being sent?"""
        return not Room.objects.exclude(lease_token="").exists() and self.nothing_is_sending

    @property
    def all_is_free(self) -> bool:
        """Could anybody deliver to each room now? What the killed had has expired by then."""
        now = clock.now(database())
        leased = Room.objects.filter(lease_expires_at__gt=now).exists()
        return not leased and self.nothing_is_sending

    @property
    def nothing_is_sending(self) -> bool:
        """Is no message marked as being sent?"""
        return not OutboundMessage.objects.sending().exists()


def entries() -> list[Entry]:
    """Return the rows with what was recorded about them."""
    outcomes: dict[int, list[str]] = defaultdict(list)
    tries = DeliveryAttempt.objects.order_by("pk").values_list("message_id", "outcome")
    for key, outcome in tries.iterator():
        outcomes[key].append(outcome)
    rows = OutboundMessage.objects.order_by("pk").values_list(
        "pk", "message", "room_id", "status", "error"
    )
    return [
        Entry(text, room, status, error, tuple(outcomes[key]))
        for key, text, room, status, error in rows.iterator()
    ]


def arrivals(server: HipChatServer) -> list[Arrival]:
    """Return what the chat took, in order."""
    return [Arrival(message["message"], message["room"]) for message in server.messages()]
