"""``manage.py hipchat_purge_outbox``: delete what is over and old."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any, NoReturn, TextIO, cast

from django.core.management.base import BaseCommand
from tqdm import tqdm

from ...delivery import engine
from ...delivery.purge import purge, purgeable
from ...delivery.stopping import stop_on_signals
from ...states import FINAL, Status
from ..arguments import positive_int
from ..progress import progress_bar

DEFAULT_DAYS = 30.0
DEFAULT_BATCH = 1_000
LONGEST_DAYS = 36_500


def days(value: str) -> timedelta:
    """Return an age. Raise argparse's error for anything that is no number of days."""
    try:
        number = float(value)
    except ValueError:
        number = -1
    if not 0 <= number <= LONGEST_DAYS:
        message = f"{value!r} is not a number of days from 0 to {LONGEST_DAYS}."
        raise ArgumentTypeError(message)
    return timedelta(days=number)


class Command(BaseCommand):
    """Delete final messages; what is queued or being sent stays, whatever its age."""

    help = (
        "Deletes messages that came to their end long ago, with their attempts. Never one that is "
        "queued or being sent. A dedupe key is forgotten with its message."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=days,
            default=timedelta(days=DEFAULT_DAYS),
            metavar="DAYS",
            help=f"Days since a message came to its end (default {DEFAULT_DAYS:g}).",
        )
        parser.add_argument(
            "--status",
            action="append",
            choices=[status.value for status in FINAL],
            help="Only messages of this status; may be given several times (default: all of them).",
        )
        parser.add_argument(
            "--batch-size",
            type=positive_int,
            default=DEFAULT_BATCH,
            help=f"Messages to delete in one transaction (default {DEFAULT_BATCH}).",
        )
        parser.add_argument("--dry-run", action="store_true", help="Only count them.")
        parser.add_argument("--json", action="store_true", help="Print the result as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        statuses = [Status(status) for status in options["status"] or FINAL]
        rows = purgeable(engine.database(), options["older_than"], statuses)
        found = rows.count()
        deleted = 0
        if not options["dry_run"]:
            stream = cast(TextIO, self.stderr._out)
            with stop_on_signals() as stop, progress_bar(found, stream) as bar:
                deleted = purge(
                    rows,
                    batch_size=options["batch_size"],
                    stop=stop.is_set,
                    progress=lambda number: show(bar, number),
                )
        if options["json"]:
            self.stdout.write(json.dumps({"found": found, "deleted": deleted}))
        else:
            self.stdout.write(f"{found} found, {deleted} deleted.")


def show(bar: tqdm[NoReturn], number: int) -> None:
    """Move a bar to a number."""
    bar.update(number - bar.n)
