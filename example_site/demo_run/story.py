"""The messages that the demo sends, through every door. Import it after ``django.setup()``."""

from __future__ import annotations

import logging
import secrets
import shlex
import time
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from djhipchat2 import send_message
from djhipchat2.models import OutboundMessage, Room
from djhipchat2.states import Status

from . import report
from .printing import heading, say
from .servers import ROOM, Chat, Site

#: Seconds that the demo waits for its retry at most.
LONGEST_WAIT = 5


def prepare() -> str:
    """Make the site's tables and the user ``admin``; return its password."""
    call_command("migrate", verbosity=0, interactive=False)
    password = secrets.token_urlsafe(9)
    get_user_model().objects.create_superuser("admin", password=password)
    return password


def tell(site: Site, chat: Chat) -> list[str]:
    """Send the messages, print what became of them, and return what is wrong."""
    story = Story(site, chat)
    for title, part in (
        ("From code", story.call),
        ("From the shell", story.command),
        ("From a logger", story.log),
        ("A failure and its retry", story.fail_and_retry),
    ):
        heading(title)
        part()
    heading("What became of them")
    for line in report.table(report.rows_of(story.doors)):
        say(line)
    arrived = chat.messages()
    found = report.problems(story.doors, arrived)
    print()
    if found:
        say(f"{len(arrived)} of {len(story.doors)} messages arrived at the server.")
    else:
        say(f"All {len(arrived)} messages arrived exactly once, and every row says so.")
    return found


@dataclass
class Story:
    """What was sent: texts in order, and the door that each went through."""

    site: Site
    chat: Chat
    doors: dict[str, str] = field(default_factory=dict)

    def call(self) -> None:
        """Send from code."""
        deployed = "<b>Deployed</b> version 2.0 in 41 s. <a href='https://example.com/'>Changes</a>"
        backup = "Backup finished: 3 tables < 4 GB & all well."
        self._note("send_message()", deployed, backup)
        rows = [
            send_message(ROOM, deployed, sender="Deploy", color="green", notify=True),
            send_message(ROOM, backup, "Backup", message_format="text", color="gray"),
        ]
        for row in rows:
            self._tell(row)

    def command(self) -> None:
        """Send from the shell."""
        text = "Nightly report: 1,204 orders."
        self._note("manage.py hipchat", text)
        self.manage(
            "hipchat", ROOM, text, "--from", "Cron", "--format", "text", "--color", "purple"
        )

    def log(self) -> None:
        """Send from a logger that has the handler."""
        logger = logging.getLogger("shop")
        warning, error = "Stock of item 4711 is low.", "Payment 815 failed: card expired."
        self._note("logger", warning, error)
        say("logging.getLogger('shop').warning(…), .error(…)")
        known = set(OutboundMessage.objects.values_list("pk", flat=True))
        logger.warning(warning)
        logger.error(error)
        for handler in logger.handlers:
            handler.flush()
        for row in OutboundMessage.objects.exclude(pk__in=known).order_by("pk"):
            self._tell(row)

    def fail_and_retry(self) -> None:
        """Send while the server is down, and again when the row's next attempt is due."""
        text = "Disk of db1 is 91 % full."
        self._note("send_message()", text)
        say(self.chat.fail_once())
        row = send_message(ROOM, text, sender="Monitor", message_format="text", color="red")
        self._tell(row)
        if row.status == Status.QUEUED:
            self._wait_for(row)
        self.manage("hipchat_flush_outbox")
        self.chat.recover()

    def _wait_for(self, row: OutboundMessage) -> None:
        """Wait until a row may be tried again: for its own time, and for what holds its room."""
        rooms = Room.objects.filter(connection=row.connection).exclude(hold_until=None)
        held = rooms.values_list("hold_until", flat=True)
        due = max([row.next_attempt_at or timezone.now(), *held])
        wait = min(max((due - timezone.now()).total_seconds(), 0), LONGEST_WAIT)
        why = "its chat asks for that" if held else "exponential backoff with jitter"
        say(f"Its next attempt is due in {wait:.1f} s ({why}).")
        time.sleep(wait)

    def manage(self, *arguments: str) -> None:
        """Run a command and show what it prints."""
        say(f"$ python manage.py {shlex.join(arguments)}")
        done = self.site.manage(*arguments)
        for line in done.stdout.splitlines():
            say(line)

    def _note(self, door: str, *texts: str) -> None:
        self.doors.update(dict.fromkeys(texts, door))

    def _tell(self, row: OutboundMessage) -> None:
        row.refresh_from_db()
        error = f" {row.error}" if row.error else ""
        say(f"Message {row.pk} to {row.room_id}: {row.status}.{error}")
