"""The account of what an act did to many rows, and of what it left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..delivery.engine import database
from ..exceptions import HipChatError, MessageStateError
from ..models import OutboundMessage
from ..states import Status
from .refusals import refusal

#: Rows that an account names for each reason.
NAMED = 5

Reasons = dict[str, list[int]]
"""Numbers of messages by what kept the act from them."""


@dataclass
class Report:
    """What an act did."""

    done: list[OutboundMessage] = field(default_factory=list)
    """The rows that were acted on, or the copies of those that were resent."""
    left: Reasons = field(default_factory=dict)
    """Rows that the act does not apply to, perhaps only since a moment ago."""
    failed: Reasons = field(default_factory=dict)
    """Rows that it applies to, with what hindered it."""

    @property
    def level(self) -> int:
        """How urgently somebody should read it, as ``django.contrib.messages`` counts."""
        if self.failed:
            return messages.ERROR
        failed_again = any(row.status == Status.FAILED for row in self.done)
        return messages.WARNING if self.left or failed_again else messages.SUCCESS

    def leave(self, row: OutboundMessage, reason: str) -> None:
        """Write down that a row is left alone."""
        self.left.setdefault(reason, []).append(row.pk)

    @contextmanager
    def noting(
        self, row: OutboundMessage, reason: Callable[[OutboundMessage], str]
    ) -> Iterator[None]:
        """Write down what keeps the block from acting on a row, instead of raising it."""
        try:
            yield
        except OutboundMessage.DoesNotExist:
            self.leave(row, _("deleted meanwhile"))
        except MessageStateError:
            current = OutboundMessage.objects.using(database()).filter(pk=row.pk).first() or row
            self.leave(row, reason(current))
        except (HipChatError, ImproperlyConfigured) as error:
            self.failed.setdefault(refusal(error), []).append(row.pk)

    def account(self, done: str) -> str:
        """Return what was done, in the act's own words, and what was not for which reasons."""
        parts = [done]
        left = sum(map(len, self.left.values()))
        if left:
            text = ngettext(
                "%(count)d left alone: %(reasons)s.", "%(count)d left alone: %(reasons)s.", left
            )
            parts.append(text % {"count": left, "reasons": listed(self.left)})
        failed = sum(map(len, self.failed.values()))
        if failed:
            text = ngettext(
                "%(count)d not possible: %(reasons)s.",
                "%(count)d not possible: %(reasons)s.",
                failed,
            )
            parts.append(text % {"count": failed, "reasons": listed(self.failed)})
        return " ".join(parts)


def listed(reasons: Reasons) -> str:
    """Return reasons in one line, each with the first of its messages."""
    return "; ".join(f"{reason} ({_named(numbers)})" for reason, numbers in reasons.items())


def _named(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:NAMED])) + (", …" if len(numbers) > NAMED else "")
    text = ngettext("message %(numbers)s", "messages %(numbers)s", len(numbers))
    return text % {"numbers": shown}
