"""Resending and cancelling rows, one by one, and the account of what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .. import api
from ..delivery.engine import database
from ..exceptions import HipChatError, MessageStateError
from ..models import OutboundMessage
from ..states import Status

#: Rows that one press of a button acts on.
MOST = 1_000
#: Seconds that somebody waits for the chat; what is resent after them is left to the next flush.
PATIENCE = 10.0
SHOWN_REASONS = 5

Log = Callable[[OutboundMessage, str], object]


@dataclass
class Report:
    """What an action did."""

    done: list[OutboundMessage] = field(default_factory=list)
    """The rows that were cancelled, or the copies of those that were resent."""
    left: list[str] = field(default_factory=list)
    """Why rows were left alone."""
    failed: list[str] = field(default_factory=list)
    """What hindered the action."""

    @property
    def level(self) -> int:
        """How urgently somebody should read it, as ``django.contrib.messages`` counts."""
        if self.failed:
            return messages.ERROR
        return messages.WARNING if self.left else messages.SUCCESS

    @contextmanager
    def noting(self, row: OutboundMessage) -> Iterator[None]:
        """Write down what keeps the block from acting on a row, instead of raising it."""
        try:
            yield
        except OutboundMessage.DoesNotExist:
            self.left.append(_("Message %(number)s does not exist any more.") % {"number": row.pk})
        except MessageStateError as error:
            self.left.append(str(error))
        except (HipChatError, ImproperlyConfigured) as error:
            self.failed.append(str(error))


def resend(rows: Iterable[OutboundMessage], log: Log, *, patience: float = PATIENCE) -> Report:
    """Resend rows, with a log entry each, and return the report."""
    report = Report()
    started = time.monotonic()
    for row in rows:
        defer = time.monotonic() - started >= patience
        # One transaction: nothing is resent without a trace.
        with report.noting(row), transaction.atomic(using=database()):
            copy = api.resend(row, defer=defer)
            log(row, _("Resent as message %(number)s.") % {"number": copy.pk})
            report.done.append(copy)
    return report


def resend_unsent(rows: Iterable[OutboundMessage], log: Log) -> Report:
    """Resend those rows that came to their end unsent, with a log entry each."""
    wanted: list[OutboundMessage] = []
    left: list[str] = []
    for row in rows:
        reason = _reason_to_leave(row)
        if reason is None:
            wanted.append(row)
        else:
            left.append(reason % {"number": row.pk, "status": row.get_status_display()})
    report = resend(wanted, log)
    report.left[:0] = left
    return report


def cancel(rows: Iterable[OutboundMessage], log: Log) -> Report:
    """Cancel rows, with a log entry each, and return the report."""
    report = Report()
    for row in rows:
        with report.noting(row), transaction.atomic(using=database()):
            api.cancel(row)
            log(row, _("Cancelled."))
            report.done.append(row)
    return report


def account_of_resend(report: Report) -> str:
    """Return what was resent, what became of it, and what was left alone, in one line."""
    count = len(report.done)
    done = ngettext("%(count)d message resent", "%(count)d messages resent", count)
    line = done % {"count": count}
    if report.done:
        keys = [copy.pk for copy in report.done]
        copies = OutboundMessage.objects.using(database()).filter(pk__in=keys)
        found = Counter(copies.values_list("status", flat=True))
        states = [f"{found[word]} {word.label}" for word in Status if found[word]]
        line = _("%(done)s (%(states)s now)") % {"done": line, "states": ", ".join(states)}
    return _account(line, report)


def account_of_cancel(report: Report) -> str:
    """Return what was cancelled and what was left alone, in one line."""
    count = len(report.done)
    done = ngettext("%(count)d message cancelled", "%(count)d messages cancelled", count)
    return _account(done % {"count": count}, report)


def _reason_to_leave(row: OutboundMessage) -> str | None:
    # Asked of the row as it was read: what is not final then may be sent a moment later.
    if not row.is_final:
        return _("Message %(number)s is %(status)s; it needs no resending.")
    if row.status == Status.SENT:
        return _("Message %(number)s was sent; its own page can send it again.")
    return None


def _account(done: str, report: Report) -> str:
    parts = [done]
    if report.left:
        count = len(report.left)
        text = ngettext("%(count)d left alone", "%(count)d left alone", count)
        parts.append(text % {"count": count})
    if report.failed:
        count = len(report.failed)
        text = ngettext("%(count)d not possible", "%(count)d not possible", count)
        parts.append(text % {"count": count})
    reasons = list(dict.fromkeys([*report.failed, *report.left]))
    if not reasons:
        return f"{done}."
    shown = " ".join(reasons[:SHOWN_REASONS])
    if len(reasons) > SHOWN_REASONS:
        shown += " …"
    return f"{', '.join(parts)}: {shown}"
