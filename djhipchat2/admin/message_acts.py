"""What operators do to messages: resend, retry, cancel, decide."""

from __future__ import annotations

from collections import Counter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .. import operations
from ..models import OutboundMessage
from ..querysets import OutboundMessageQuerySet
from ..states import FINAL, Status
from .acts import Act, Log
from .reports import Report


class Resend(Act):
    """Write a copy with fresh attempts, and deliver it."""

    name = "resend"
    permission = "resend"
    label = gettext_lazy("Resend")

    def why_not(self, row: OutboundMessage) -> str | None:
        if not row.is_final:
            return _still(row)
        if getattr(row, "resent_as", None) is not None:
            return _("resent before, resend its copy")
        # Of many rows those that arrived are hardly meant.
        return _("sent before, open it to send it again") if row.status == Status.SENT else None

    def applies_to_one(self, row: OutboundMessage) -> bool:
        return row.is_final and getattr(row, "resent_as", None) is None

    def among(self, rows: OutboundMessageQuerySet) -> OutboundMessageQuerySet:
        unsent = [status for status in FINAL if status is not Status.SENT]
        return rows.filter(status__in=unsent, resent_as=None)

    def promise(self, count: int) -> str:
        text = ngettext(
            "%(count)d message will be written once more, as a copy with fresh attempts, and "
            "delivered at once where nothing holds its room.",
            "%(count)d messages will be written once more, as copies with fresh attempts, and "
            "delivered at once where nothing holds their rooms.",
            count,
        )
        return text % {"count": count}

    def act(self, row: OutboundMessage, log: Log, *, defer: bool) -> OutboundMessage:
        copy = operations.resend(row, defer=defer)
        log(row, _("Resent as message %(number)s.") % {"number": copy.pk})
        log(copy, _("Written as a copy of message %(number)s.") % {"number": row.pk})
        return copy

    def done(self, report: Report) -> str:
        count = len(report.done)
        if not count:
            return _("Nothing resent.")
        if count == 1:
            [copy] = report.done
            text = _("Message %(old)s resent as %(new)s, now %(status)s.")
            status = copy.get_status_display()
            return text % {"old": copy.resend_of_id, "new": copy.pk, "status": status}
        text = ngettext(
            "%(count)d message resent, now %(states)s.",
            "%(count)d messages resent, now %(states)s.",
            count,
        )
        return text % {"count": count, "states": _states(report.done)}

    def why_not_now(self, row: OutboundMessage) -> str:
        return _("resent before, resend its copy") if row.is_final else _still(row)


class RetryNow(Act):
    """Try a queued message at once; release it if it is held for a decision."""

    name = "retry"
    permission = "resend"
    label = gettext_lazy("Retry now")

    def why_not(self, row: OutboundMessage) -> str | None:
        return None if row.status == Status.QUEUED else _already(row)

    def among(self, rows: OutboundMessageQuerySet) -> OutboundMessageQuerySet:
        return rows.queued()

    def promise(self, count: int) -> str:
        text = ngettext(
            "%(count)d message that waits will be tried at once. Held for a decision, it will be "
            "sent again, and may arrive twice. A hold of its room stays.",
            "%(count)d messages that wait will be tried at once. Those held for a decision will "
            "be sent again, and may arrive twice. Holds of their rooms stay.",
            count,
        )
        return text % {"count": count}

    def act(self, row: OutboundMessage, log: Log, *, defer: bool) -> OutboundMessage:
        operations.retry_now(row, defer=defer)
        log(row, _("To be tried at once."))
        return row

    def done(self, report: Report) -> str:
        count = len(report.done)
        if not count:
            return _("Nothing to try.")
        text = ngettext(
            "%(count)d message to be tried at once, now %(states)s.",
            "%(count)d messages to be tried at once, now %(states)s.",
            count,
        )
        return text % {"count": count, "states": _states(report.done)}


class Cancel(Act):
    """End a message that is queued."""

    name = "cancel"
    permission = "cancel"
    label = gettext_lazy("Cancel")
    yes = gettext_lazy("Yes, cancel")

    def why_not(self, row: OutboundMessage) -> str | None:
        return None if row.status == Status.QUEUED else _already(row)

    def among(self, rows: OutboundMessageQuerySet) -> OutboundMessageQuerySet:
        return rows.queued()

    def promise(self, count: int) -> str:
        text = ngettext(
            "%(count)d queued message will be cancelled: it will never be sent.",
            "%(count)d queued messages will be cancelled: they will never be sent.",
            count,
        )
        return text % {"count": count}

    def act(self, row: OutboundMessage, log: Log, *, defer: bool) -> OutboundMessage:
        operations.cancel(row)
        log(row, _("Cancelled."))
        return row

    def done(self, report: Report) -> str:
        count = len(report.done)
        if not count:
            return _("Nothing cancelled.")
        text = ngettext("%(count)d message cancelled.", "%(count)d messages cancelled.", count)
        return text % {"count": count}


class MarkSent(Act):
    """Decide about a held message: the chat has it."""

    name = "mark-sent"
    permission = "cancel"
    label = gettext_lazy("Mark as sent")

    def why_not(self, row: OutboundMessage) -> str | None:
        if row.status != Status.QUEUED:
            return _already(row)
        return None if row.held else _("waits for no decision")

    def among(self, rows: OutboundMessageQuerySet) -> OutboundMessageQuerySet:
        return rows.held()

    def promise(self, count: int) -> str:
        text = ngettext(
            "%(count)d message that waits for a decision will count as sent. Do so if somebody "
            "has seen it in the chat.",
            "%(count)d messages that wait for a decision will count as sent. Do so if somebody "
            "has seen them in the chat.",
            count,
        )
        return text % {"count": count}

    def act(self, row: OutboundMessage, log: Log, *, defer: bool) -> OutboundMessage:
        operations.mark_sent(row)
        log(row, _("Marked as sent."))
        return row

    def done(self, report: Report) -> str:
        count = len(report.done)
        if not count:
            return _("Nothing marked as sent.")
        text = ngettext(
            "%(count)d message marked as sent.", "%(count)d messages marked as sent.", count
        )
        return text % {"count": count}


RESEND, RETRY, CANCEL, MARK_SENT = Resend(), RetryNow(), Cancel(), MarkSent()
ACTS: dict[str, Act] = {act.name: act for act in (RESEND, RETRY, MARK_SENT, CANCEL)}


def _still(row: OutboundMessage) -> str:
    return _("still %(status)s") % {"status": row.get_status_display()}


def _already(row: OutboundMessage) -> str:
    return _("already %(status)s") % {"status": row.get_status_display()}


def _states(rows: list[OutboundMessage]) -> str:
    found = Counter(row.status for row in rows)
    return ", ".join(f"{found[word]} {word.label}" for word in Status if found[word])
