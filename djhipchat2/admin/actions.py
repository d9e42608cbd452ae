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

from .. import operations
from ..delivery.engine import database
from ..exceptions import HipChatError, MessageStateError
from ..models import OutboundMessage
from ..states import Status

#: Rows that one press of a button acts on.
MOST = 1_000
#: Seconds that somebody waits for the chat; what is resent after them is left to the next flush.
PATIENCE = 10.0
#: Rows that an account names for each reason.
NAMED = 5

Log = Callable[[OutboundMessage, str], object]
Reasons = dict[str, list[int]]
"""Numbers of messages by what kept the action from them."""


@dataclass
class Report:
    """What an action did."""

    done: list[OutboundMessage] = field(default_factory=list)
    """The rows that were cancelled, or the copies of those that were resent."""
    left: Reasons = field(default_factory=dict)
    """Rows that the action does not apply to, perhaps only since a moment ago."""
    failed: Reasons = field(default_factory=dict)
    """Rows that it applies to, with what hindered it."""

    @property
    def level(self) -> int:
        """How urgently somebody should read it, as ``django.contrib.messages`` counts."""
        if self.failed:
            return messages.ERROR
        failed_again = any(row.status == Status.FAILED for row in self.done)
        return messages.WARNING if self.left or failed_again else messages.SUCCESS

    @contextmanager
    def noting(
        self, row: OutboundMessage, reason: Callable[[OutboundMessage], str]
    ) -> Iterator[None]:
        """Write down what keeps the block from acting on a row, instead of raising it."""
        try:
            yield
        except OutboundMessage.DoesNotExist:
            self.left.setdefault(_("deleted meanwhile"), []).append(row.pk)
        except MessageStateError:
            current = OutboundMessage.objects.using(database()).filter(pk=row.pk).first() or row
            self.left.setdefault(reason(current), []).append(row.pk)
        except (HipChatError, ImproperlyConfigured) as error:
            self.failed.setdefault(str(error), []).append(row.pk)


def resend(rows: Iterable[OutboundMessage], log: Log, *, patience: float = PATIENCE) -> Report:
    """Resend rows, with a log entry each, and return the report."""
    report = Report()
    started = time.monotonic()
    for row in rows:
        defer = time.monotonic() - started >= patience
        # One transaction: nothing is resent without a trace.
        with report.noting(row, _why_not_resent), transaction.atomic(using=database()):
            copy = operations.resend(row, defer=defer)
            log(row, _("Resent as message %(number)s.") % {"number": copy.pk})
            report.done.append(copy)
    # As they are by now: a backend of this process has delivered them.
    copies = OutboundMessage.objects.using(database())
    report.done = list(copies.filter(pk__in=[copy.pk for copy in report.done]).order_by("pk"))
    return report


def resend_unsent(rows: Iterable[OutboundMessage], log: Log) -> Report:
    """Resend those rows that came to their end unsent, with a log entry each."""
    wanted: list[OutboundMessage] = []
    left: Reasons = {}
    for row in rows:
        # Asked of the row as it was read: what is not final then may be sent a moment later.
        if row.status == Status.SENT:
            left.setdefault(_("sent before, open it to send it again"), []).append(row.pk)
        elif row.is_final:
            wanted.append(row)
        else:
            left.setdefault(_why_not_resent(row), []).append(row.pk)
    report = resend(wanted, log)
    for reason, numbers in report.left.items():
        left.setdefault(reason, []).extend(numbers)
    report.left = left
    return report


def cancel(rows: Iterable[OutboundMessage], log: Log) -> Report:
    """Cancel rows, with a log entry each, and return the report."""
    report = Report()
    for row in rows:
        with report.noting(row, _why_not_cancelled), transaction.atomic(using=database()):
            operations.cancel(row)
            log(row, _("Cancelled."))
            report.done.append(row)
    return report


def account_of_resend(report: Report) -> str:
    """Return what was resent, what became of it, and what was left alone."""
    count = len(report.done)
    if not count:
        return _account(_("Nothing resent."), report)
    if count == 1:
        [copy] = report.done
        text = _("Message %(old)s resent as %(new)s, now %(status)s.")
        names = {"old": copy.resend_of_id, "new": copy.pk, "status": copy.get_status_display()}
        return _account(text % names, report)
    found = Counter(copy.status for copy in report.done)
    states = ", ".join(f"{found[word]} {word.label}" for word in Status if found[word])
    text = ngettext(
        "%(count)d message resent, now %(states)s.",
        "%(count)d messages resent, now %(states)s.",
        count,
    )
    return _account(text % {"count": count, "states": states}, report)


def account_of_cancel(report: Report) -> str:
    """Return what was cancelled and what was left alone."""
    count = len(report.done)
    if not count:
        return _account(_("Nothing cancelled."), report)
    text = ngettext("%(count)d message cancelled.", "%(count)d messages cancelled.", count)
    return _account(text % {"count": count}, report)


def _why_not_resent(row: OutboundMessage) -> str:
    if row.is_final:
        return _("resent before, resend its copy")
    return _("still %(status)s") % {"status": row.get_status_display()}


def _why_not_cancelled(row: OutboundMessage) -> str:
    return _("already %(status)s") % {"status": row.get_status_display()}


def _account(done: str, report: Report) -> str:
    parts = [done]
    left = sum(map(len, report.left.values()))
    if left:
        text = ngettext(
            "%(count)d left alone: %(reasons)s.", "%(count)d left alone: %(reasons)s.", left
        )
        parts.append(text % {"count": left, "reasons": _listed(report.left)})
    failed = sum(map(len, report.failed.values()))
    if failed:
        text = ngettext(
            "%(count)d not possible: %(reasons)s.", "%(count)d not possible: %(reasons)s.", failed
        )
        parts.append(text % {"count": failed, "reasons": _listed(report.failed)})
    return " ".join(parts)


def _listed(reasons: Reasons) -> str:
    return "; ".join(f"{reason} ({_named(numbers)})" for reason, numbers in reasons.items())


def _named(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:NAMED])) + (", …" if len(numbers) > NAMED else "")
    text = ngettext("message %(numbers)s", "messages %(numbers)s", len(numbers))
    return text % {"numbers": shown}
