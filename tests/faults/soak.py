"""
Break a working site for as long as you like, and account for every message.

    python -m tests.faults.soak --minutes 30 --database postgresql --broker redis

Exits with 1 if a message was lost, left over, repeated without a cause or sent out of order, or if
nothing happened. It touches nothing but servers of its own, on loopback, and a queue of its own in
RabbitMQ.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

import django
import psutil
from django.core.management import call_command

from tests.faults.tally import Tally
from tests.waiting import pause, wait_until

if TYPE_CHECKING:
    from tests.faults.havoc import Site
    from tests.faults.outbox import Outbox

DATABASES = ("sqlite", "postgresql", "mariadb")
BROKERS = ("redis", "rabbitmq", "none")
LONGEST_MINUTES = 7 * 24 * 60
#: Seconds between two blows at most.
LONGEST_PAUSE = 1.0
#: Seconds after the last blow in which something comes to its end while anything does.
STANDSTILL = 60
INTERRUPTED = 130


def minutes(value: str) -> float:
    """Return a number of minutes. Raise argparse's error for anything else."""
    try:
        number = float(value)
    except ValueError:
        number = -1
    if not 0 <= number <= LONGEST_MINUTES:
        message = f"{value!r} is not a number of minutes from 0 to {LONGEST_MINUTES}."
        raise argparse.ArgumentTypeError(message)
    return number


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--minutes", type=minutes, default=30, help="0: each blow once")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--broker", choices=BROKERS, default="redis")
    parser.add_argument("--seed", type=int, help="repeats the choices of an earlier run")
    options = parser.parse_args(arguments)
    if options.seed is None:
        options.seed = secrets.randbelow(1_000_000)
    return options


def configure(database: str) -> None:
    """Have this process work with a kind of database, as the processes do that it starts."""
    os.environ["HIPCHAT_TEST_DATABASE"] = database
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.faults.settings"
    sending = {"HIPCHAT_BACKEND": "djhipchat2.backends.request.HipChatBackend"}
    sending |= {"HIPCHAT_API_TOKEN": "TOK", "HIPCHAT_API_URL": "http://127.0.0.1:1"}
    os.environ["HIPCHAT_FAULTS_SETTINGS"] = json.dumps(sending)
    django.setup()


def kill_stragglers() -> None:
    """Kill what an interruption caught between its start and its being noted."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()


@contextmanager
def working_site(options: argparse.Namespace, tally: Tally) -> Iterator[Site]:
    """Start everything and yield it; stop it again, whatever happens."""
    from tests.faults.brokers import RABBITMQ, Broker
    from tests.faults.chats import Chat
    from tests.faults.crew import Crew
    from tests.faults.databases import own_database
    from tests.faults.havoc import SETTINGS, Site
    from tests.faults.outbox import Outbox
    from tests.faults.servers import Redis

    with ExitStack() as stack:
        stack.callback(kill_stragglers)
        database = stack.enter_context(own_database(options.database))
        chat = stack.enter_context(Chat())
        redis = Redis() if options.broker == "redis" else None
        if redis is not None:
            stack.callback(redis.stop)
            redis.start()
        broker = None
        if options.broker != "none":
            broker = Broker(redis.url if redis else RABBITMQ)
            stack.callback(broker.delete)
        settings = {**SETTINGS, "DATABASES": {"default": database.database}}
        settings |= broker.settings if broker else {}
        crew = stack.enter_context(Crew(chat.server.url, **settings))
        outbox = Outbox(chat.server, tally)
        chance = random.Random(options.seed)
        yield Site(outbox, crew, chat, database, broker, redis, chance)


def break_it(site: Site, seconds: float) -> None:
    """Deal blows to a site for so long, and each of them once at least."""
    deadline = time.monotonic() + seconds
    deck = site.deck()
    while deck or time.monotonic() < deadline:
        site.man()
        pause(site.chance.uniform(0, LONGEST_PAUSE))
        site.man()
        deck = deck or site.deck()
        deck.pop()()


def come_to_rest(outbox: Outbox) -> None:
    """Wait until every message has come to its end, or none does any more."""
    left = 0
    while outbox.unfinished != left:
        left = outbox.unfinished
        with suppress(AssertionError):
            wait_until(lambda: outbox.drained, seconds=STANDSTILL)
    if left:
        call_command("hipchat_explain")


def account(site: Site) -> None:
    """Let a site come to rest, and add what became of its messages to its tally."""
    from tests.faults.ledger import audit
    from tests.faults.outbox import arrivals, entries
    from tests.faults.sender import COMMITTED, ROLLED_BACK, remembered

    site.man()
    for sender in site.senders:
        sender.end()
    site.outbox.server.clear_faults()
    come_to_rest(site.outbox)
    for worker in (*site.flushers, *site.celery_workers):
        worker.end()
    result = audit(
        entries(),
        arrivals(site.outbox.server),
        confirmed=remembered(site.crew.folder, COMMITTED),
        rolled_back=remembered(site.crew.folder, ROLLED_BACK),
    )
    site.outbox.tally.add(result)


def report(options: argparse.Namespace, tally: Tally, seconds: float) -> int:
    """Print what happened and return the exit code."""
    print(
        f"\n{options.database}, broker {options.broker}, seed {options.seed}, "
        f"{seconds / 60:.1f} minutes\n"
    )
    print(*tally.lines(), sep="\n")
    if not (tally.accepted and tally.delivered and tally.kills and tally.restarts):
        print("\nNothing happened: this proves nothing.")
        return 1
    print("\nEverything is accounted for." if tally.faultless else "\nThis must not happen.")
    return 0 if tally.faultless else 1


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """End the run; further signals are ignored, since what stops is not to be stopped half-way."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(arguments: Sequence[str]) -> int:
    """Run as the command line says; return the exit code."""
    options = parse(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    print(
        f"Breaking a site for {options.minutes:g} minutes; the seed is {options.seed}.", flush=True
    )
    tally = Tally()
    started = time.monotonic()
    try:
        configure(options.database)
        with working_site(options, tally) as site:
            break_it(site, options.minutes * 60)
            account(site)
    except KeyboardInterrupt:
        print("Interrupted; everything that was started has been stopped.")
        return INTERRUPTED
    return report(options, tally, time.monotonic() - started)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
