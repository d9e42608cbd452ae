"""Draining a backlog, one process, defaults, while the server answers at once."""

from __future__ import annotations

from benchmarks import contenders as who
from benchmarks.figures import Target, compared
from benchmarks.harness import Bench, Subject

ROOMS = 64
WORK = f"drain, instant server, {ROOMS} rooms"


def figures(bench: Bench) -> Subject:
    """Yield the drain rate against clients without a database and against mail outboxes."""
    messages = bench.size(1_000, 10_000)
    rounds = bench.rounds(3, 7)
    targets = {who.REQUESTS.name: Target(1.0), who.POST_OFFICE_INSTANT.name: Target(1.5)}
    backlog = {"messages": messages, "in_rooms": ROOMS}
    outboxes = [who.OURS, who.POST_OFFICE_INSTANT, who.POST_OFFICE, who.MAILER]
    taking_part = [who.REQUESTS.doing(messages=messages)]
    taking_part += [contender.doing(**backlog) for contender in outboxes]
    clients = [who.REQUESTS_TUNED, who.URLLIB3, who.APPRISE, who.SLACK]
    # These see no database, so they take part once.
    others = [contender.doing(messages=messages) for contender in clients]
    for database in bench.databases:
        samples = bench.in_turn([*taking_part, *others], database, bench.instant, rounds=rounds)
        others = []
        ours = samples.pop(who.OURS.name)
        for name, theirs in samples.items():
            yield compared(WORK, database.vendor, ours, name, theirs, target=targets.get(name))
