"""``manage.py hipchat_flush_outbox``: deliver what is due."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import asdict
from itertools import islice
from typing import Any, TextIO, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from ... import operations
from ...connections import connections
from ...delivery import clock, engine, tables
from ...delivery.run import Run, Summary
from ...delivery.stopping import stop_on_signals
from ...delivery.watch import watch
from ...exceptions import HipChatError, MessageStateError
from ...models import OutboundMessage
from ...querysets import OutboundMessageQuerySet
from ...states import Status, Trigger
from ..arguments import positive_int
from ..progress import Progress

DEFAULT_INTERVAL = 5.0
#: Rooms that are named where none of those that were asked for has messages.
LISTED = 10


def seconds(value: str) -> float:
    """Return a time of at least a tenth of a second. Raise argparse's error for anything else."""
    try:
        number = float(value)
    except ValueError:
        number = 0
    if not 0.1 <= number <= 86_400:
        message = f"{value!r} is not a number of seconds from 0.1 to 86400."
        raise ArgumentTypeError(message)
    return number


class Command(BaseCommand):
    """
    Deliver what is due, once or until stopped.

    The exit code is 0 if everything that was tried was sent, 1 if anything was not; with --watch
    it is 0 after a normal stop.
    """

    help = (
        "Delivers the messages of the outbox that are due. Exits with 1 if any of them was not "
        "sent. Run it every minute, or with --watch as a service."
    )

    def get_check_kwargs(self, options: Any) -> Any:
        # With --watch it may start before the database. Django 6.1 would ask it, and takes a locked
        # SQLite for one that has no JSON.
        kwargs: Any = super().get_check_kwargs(options)
        return kwargs | {"databases": []}

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=positive_int, help="Try so many messages at most.")
        parser.add_argument(
            "--watch",
            nargs="?",
            type=seconds,
            const=DEFAULT_INTERVAL,
            metavar="SECONDS",
            help=f"Go on, looking every SECONDS (default {DEFAULT_INTERVAL:g}), until stopped.",
        )
        parser.add_argument("--dry-run", action="store_true", help="Only say what is due.")
        parser.add_argument("--using", help="Only messages of this connection.")
        parser.add_argument("--room", help="Only messages to this room.")
        parser.add_argument(
            "--retry-failed",
            action="store_true",
            help="First resend the failed messages that have not been resent.",
        )
        parser.add_argument("--json", action="store_true", help="Print the summary as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["using"] is not None and not connections.knows(options["using"]):
            known = ", ".join(connections.aliases())
            message = f"There is no connection {options['using']!r}; known are {known}."
            raise CommandError(message)
        try:
            with tables.told_if_missing(engine.database()):
                self._flush(**options)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error

    def _flush(self, **options: Any) -> None:
        if options["watch"] is None:
            self._tell_if_nothing_waits(**options)
        if options["dry_run"]:
            self._dry_run(**options)
            return
        resent, refused = self._resend_failed(**options) if options["retry_failed"] else (0, 0)
        with stop_on_signals() as stop:
            if options["watch"] is None:
                self._flush_once(stop.is_set, resent, refused, **options)
            else:
                watch(
                    lambda: Run(Trigger.FLUSH, limit=options["limit"], stop=stop.is_set),
                    stop,
                    interval=options["watch"],
                    using=options["using"],
                    room_id=options["room"],
                    report=lambda summary: self._report(summary, as_json=options["json"]),
                )

    def _tell_if_nothing_waits(self, **options: Any) -> None:
        """Say so, where a room or a connection is asked for that may be misspelt."""
        places = {"room": options["room"], "connection": options["using"]}
        asked = [f"{name} {value!r}" for name, value in places.items() if value is not None]
        waiting = [Status.QUEUED, Status.SENDING]
        if options["retry_failed"]:
            waiting.append(Status.FAILED)
        if not asked or _scope(**options).filter(status__in=waiting).exists():
            return
        rows = OutboundMessage.objects.using(engine.database())
        rooms = [f"{room} ({connection})" for connection, room in islice(rows.rooms(), LISTED)]
        elsewhere = f" Rooms with queued messages: {', '.join(rooms)}." if rooms else ""
        self.stderr.write(f"Nothing waits in the {' of the '.join(asked)}.{elsewhere}")

    def _flush_once(self, stop: Any, resent: int, refused: int, **options: Any) -> None:
        due = _scope(**options).due(clock.now(engine.database())).count()
        # Not the wrapper, which ends every write with a new line.
        with Progress(due, cast(TextIO, self.stderr._out)) as progress:
            run = Run(Trigger.FLUSH, limit=options["limit"], stop=stop, progress=progress.show)
            summary = engine.flush(run, using=options["using"], room_id=options["room"])
        self._report(summary, as_json=options["json"], resent=resent)
        if refused or not summary.all_well:
            message = "Not everything was sent; the admin and the rows' error say why."
            raise CommandError(message)

    def _report(self, summary: Summary, *, as_json: bool, resent: int = 0) -> None:
        if as_json:
            self.stdout.write(json.dumps({**asdict(summary), "resent": resent}))
            return
        parts = [f"{number} {name.replace('_', ' ')}" for name, number in asdict(summary).items()]
        self.stdout.write(f"{', '.join(parts)}.")

    def _dry_run(self, **options: Any) -> None:
        """Say how many messages are due in which rooms."""
        now = clock.now(engine.database())
        rows = OutboundMessage.objects.using(engine.database())
        due = [
            (connection, room, rows.in_room(connection, room).due(now).count())
            for connection, room in rows.rooms(using=options["using"])
            if options["room"] in (None, room)
        ]
        rooms = [
            {"connection": connection, "room": room, "due": count}
            for connection, room, count in due
            if count
        ]
        total = sum(count for _, _, count in due)
        failed = {"failed": _failed(**options).count()} if options["retry_failed"] else {}
        if options["json"]:
            self.stdout.write(json.dumps({"due": total, "rooms": rooms, **failed}))
            return
        for room in rooms:
            self.stdout.write(f"{room['due']} to {room['room']} ({room['connection']})")
        for name, count in failed.items():
            self.stdout.write(f"{count} {name}, to be resent.")
        self.stdout.write(f"{total} due; nothing was sent.")

    def _resend_failed(self, **options: Any) -> tuple[int, int]:
        """Resend failed messages; return how many were, and how many cannot be."""
        resent = refused = 0
        for row in list(_failed(**options)):
            try:
                operations.resend(row, defer=True)
            except MessageStateError:
                continue  # another process was quicker
            except (HipChatError, ImproperlyConfigured) as error:
                self.stderr.write(f"Message {row.pk} cannot be resent. {error}")
                refused += 1
            else:
                resent += 1
        if not options["json"]:
            self.stdout.write(f"{resent} resent.")
        return resent, refused


def _failed(**options: Any) -> OutboundMessageQuerySet:
    """Return the failed rows that --retry-failed asks for."""
    rows = _scope(**options).filter(status=Status.FAILED, resent_as=None).order_by("pk")
    return rows[: options["limit"]]


def _scope(**options: Any) -> OutboundMessageQuerySet:
    """Return the rows that --using and --room ask for."""
    rows = OutboundMessage.objects.using(engine.database())
    if options["using"] is not None:
        rows = rows.filter(connection=options["using"])
    if options["room"] is not None:
        rows = rows.filter(room_id=options["room"])
    return rows.all()
