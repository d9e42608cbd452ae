"""Writing messages to the outbox: what the caller waits for."""

from __future__ import annotations

from benchmarks import contenders as who
from benchmarks.databases import Databases
from benchmarks.figures import Target, compared, microseconds
from benchmarks.harness import Bench, Contender, Subject

WORK = "benchmarks.work.sending"
OURS = Contender("send_message(defer=True)", f"{WORK}:send_deferred")
BARE = Contender("objects.create()", f"{WORK}:create")
MANY = Contender("send_messages()", f"{WORK}:send_many")
BARE_MANY = Contender("bulk_create()", f"{WORK}:create_many")
THEIR_SEND = who.post_office("post_office send()", "post_office_send")
THEIR_MANY = who.post_office("post_office send_many()", "post_office_send_many")


def figures(bench: Bench) -> Subject:
    """Yield the time of one message against a bare INSERT, and the rate of many in one call."""
    for database in bench.databases:
        yield from _one_by_one(bench, database, in_one_transaction=False)
        yield from _one_by_one(bench, database, in_one_transaction=True)
        yield from _many(bench, database)


def _one_by_one(bench: Bench, database: Databases, *, in_one_transaction: bool) -> Subject:
    messages = bench.size(500, 3_000)
    options = {"messages": messages, "in_one_transaction": in_one_transaction}
    taking_part = [OURS.doing(**options), BARE.doing(**options)]
    if not in_one_transaction:
        taking_part.append(THEIR_SEND.doing(messages=messages))
    samples = bench.in_turn(taking_part, database, bench.instant, rounds=bench.rounds(5, 9))
    ours = samples.pop(OURS.name)
    where = "in one transaction" if in_one_transaction else "a transaction each"
    for name, theirs in samples.items():
        yield compared(
            f"{OURS.name}, {where}",
            database.vendor,
            ours,
            name,
            theirs,
            measure=microseconds,
            unit="us",
            target=Target(1.25, at_least=False) if name == BARE.name else None,
        )


def _many(bench: Bench, database: Databases) -> Subject:
    messages = bench.size(10_000, 10_000)
    taking_part = [c.doing(messages=messages) for c in (MANY, THEIR_MANY, BARE_MANY)]
    samples = bench.in_turn(taking_part, database, bench.instant, rounds=bench.rounds(3, 7))
    ours = samples.pop(MANY.name)
    for name, theirs in samples.items():
        target = Target(2.5) if name == THEIR_MANY.name else None
        work = f"{MANY.name} of {messages:,}"
        yield compared(work, database.vendor, ours, name, theirs, target=target)
