"""``manage.py hipchat``: send a message."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, no_translations

from ...api import send_message
from ...connections import DEFAULT, connections
from ...delivery.explain import Reason
from ...delivery.overview import why
from ...exceptions import HipChatError
from ...message import COLOR_CORRECTIONS, COLORS, FORMATS
from ...models import OutboundMessage
from ...states import Status


class Command(BaseCommand):
    """Write a message to the outbox and say what became of it."""

    help = "Sends a message to a HipChat room."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("room_id", help="The room's id or name.")
        parser.add_argument("message", help="The message; - reads it from the standard input.")
        parser.add_argument("-f", "--from", dest="sender", help="The sender of the message.")
        parser.add_argument(
            "--format",
            dest="message_format",
            choices=FORMATS,
            default="html",
            help="The format of the message (default: html).",
        )
        parser.add_argument(
            "-n",
            "--notify",
            action="store_true",
            help="Causes a notification to appear in the room.",
        )
        parser.add_argument(
            "-c",
            "--color",
            choices=COLORS,
            type=lambda color: COLOR_CORRECTIONS.get(color, color),
            default="yellow",
            help="The color of the message (default: yellow).",
        )
        parser.add_argument(
            "--using",
            default=DEFAULT,
            help="The connection to send with (default: what HIPCHAT_ROUTES say of the room).",
        )
        parser.add_argument(
            "--defer",
            action="store_true",
            help="Only write it to the outbox; hipchat_flush_outbox delivers it.",
        )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        text = options["message"]
        try:
            row = send_message(
                options["room_id"],
                sys.stdin.read().rstrip("\n") if text == "-" else text,
                sender=options["sender"],
                message_format=options["message_format"],
                notify=options["notify"],
                color=options["color"],
                using=options["using"],
                defer=options["defer"],
            )
        except (HipChatError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from error
        rows = list(row.routed_together().order_by("pk"))
        for each in rows:
            by = f" by {each.connection}" if len(rows) > 1 else ""
            self.stdout.write(f"Message {each.pk} to {each.room_id}{by}: {each.status}.")
        failed = [each for each in rows if each.status == Status.FAILED]
        for each in rows:
            if each.error and each not in failed:
                self.stderr.write(f"Not sent yet, tried again from the outbox. {each.error}")
            elif each.status == Status.QUEUED and (reason := _why(each, defer=options["defer"])):
                self.stderr.write(f"Not sent yet. {reason}")
        if failed:
            raise CommandError(
                " ".join(f"Message {each.pk} was not sent. {each.error}" for each in failed)
            )


def _why(row: OutboundMessage, *, defer: bool) -> str:
    """Return why a message waits; empty where it waits for a flush or a task, as it should."""
    told = why(row)
    is_left_to_others = defer or connections[row.connection].by_task
    return "" if told.reason is Reason.DUE and is_left_to_others else told.text
