"""What an act on messages is: its permission, its words, and how it goes through many rows."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from ..delivery.engine import database
from ..models import OutboundMessage
from ..querysets import OutboundMessageQuerySet
from .reports import Report

#: Rows that one press of a button acts on.
MOST = 1_000
#: Seconds that somebody waits for the chat; what is left after them is left to the next flush.
PATIENCE = 10.0

Log = Callable[[OutboundMessage, str], object]
Text = str | Promise


class Act(ABC):
    """Something to do to messages."""

    name: ClassVar[str]
    permission: ClassVar[str]
    """What somebody must be allowed, besides seeing messages."""
    label: ClassVar[Text]
    """The button's word."""
    yes: ClassVar[Text] = ""
    """The word of the button on the page that asks, where the label could mean no, too."""

    @abstractmethod
    def why_not(self, row: OutboundMessage) -> str | None:
        """Return why the act does not apply to a row as it was read; None: it does."""

    @abstractmethod
    def among(self, rows: OutboundMessageQuerySet) -> OutboundMessageQuerySet:
        """Return those of the rows that the act applies to, where all cannot be looked at."""

    @abstractmethod
    def promise(self, count: int) -> str:
        """Return what will happen to so many messages."""

    @abstractmethod
    def done(self, report: Report) -> str:
        """Return what happened."""

    @abstractmethod
    def act(self, row: OutboundMessage, log: Log, *, defer: bool) -> OutboundMessage:
        """
        Act on a row, write to the log, and return the row that is to be shown.

        With ``defer`` nobody waits for the chat. Raise MessageStateError if the row has changed.
        """

    def applies_to_one(self, row: OutboundMessage) -> bool:
        """Does the act apply to a row that somebody has opened?"""
        return self.why_not(row) is None

    def run(
        self, rows: Iterable[OutboundMessage], log: Log, *, patience: float = PATIENCE
    ) -> Report:
        """Act on rows, and return the report."""
        report = Report()
        started = time.monotonic()
        for row in rows:
            defer = time.monotonic() - started >= patience
            # One transaction: nothing is done without a trace.
            with (
                report.noting(row, self.why_not_now),
                transaction.atomic(using=database()),
            ):
                report.done.append(self.act(row, log, defer=defer))
        # As they are by now: a backend of this process has delivered them.
        stored = OutboundMessage.objects.using(database())
        numbers = [row.pk for row in report.done]
        report.done = list(stored.filter(pk__in=numbers).order_by("pk"))
        return report

    def run_many(self, rows: Iterable[OutboundMessage], log: Log) -> Report:
        """Act on those of many rows that it applies to, and return the report."""
        wanted, left = self.split(rows)
        report = self.run(wanted, log)
        for reason, numbers in report.left.items():
            left.left.setdefault(reason, []).extend(numbers)
        report.left = left.left
        return report

    def split(self, rows: Iterable[OutboundMessage]) -> tuple[list[OutboundMessage], Report]:
        """Return the rows that the act applies to, and a report of those left alone."""
        wanted: list[OutboundMessage] = []
        report = Report()
        for row in rows:
            reason = self.why_not(row)
            if reason is None:
                wanted.append(row)
            else:
                report.leave(row, reason)
        return wanted, report

    def why_not_now(self, row: OutboundMessage) -> str:
        """Return why the act did not apply to a row any more, as it is by now."""
        return self.why_not(row) or _("changed meanwhile")
