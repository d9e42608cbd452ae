"""Through Celery on Redis: tasks that drain a room, against a task a message."""

from __future__ import annotations

import sys

from benchmarks.figures import Target, compared
from benchmarks.harness import Bench, Contender, Subject

ROOMS = 50
WORK = "benchmarks.work.celery_tasks:through_celery"
OURS = Contender(
    "send_message() each",
    WORK,
    {"sender": "each"},
    settings={
        "HIPCHAT_BACKEND": "djhipchat2.backends.celery.HipChatBackend",
        "HIPCHAT_CELERY_BACKEND": "djhipchat2.backends.request.HipChatBackend",
    },
    package="celery",
)
AT_ONCE = Contender(
    "one send_messages()", WORK, {"sender": "many"}, settings=OURS.settings, package="celery"
)
SLACK = Contender(
    "django-slack, a task a message",
    WORK,
    {"sender": "slack"},
    apps=("django_slack",),
    settings={
        "SLACK_BACKEND": "django_slack.backends.CeleryBackend",
        "SLACK_BACKEND_FOR_QUEUE": "django_slack.backends.RequestsBackend",
    },
    package="django_slack",
)


def figures(bench: Bench) -> Subject:
    """Yield the rate from the first call to the last answer of the server."""
    messages = bench.size(2_000, 5_000)
    taking_part = [
        contender.doing(messages=messages, in_rooms=ROOMS) for contender in (OURS, AT_ONCE, SLACK)
    ]
    if not all(contender.is_installed for contender in taking_part):
        print("Left out: Celery and django-slack are not installed.", file=sys.stderr)
        return
    for database in bench.databases:
        samples = bench.in_turn(taking_part, database, bench.instant, rounds=bench.rounds(3, 5))
        for ours in (OURS, AT_ONCE):
            yield compared(
                f"Celery, {messages:,} messages, {ours.name}",
                database.vendor,
                samples[ours.name],
                SLACK.name,
                samples[SLACK.name],
                target=Target(4),
            )
