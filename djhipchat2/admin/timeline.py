"""What happened to a message: attempts to deliver it, and what people did, the latest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ..models import DeliveryAttempt, OutboundMessage
from ..states import Outcome
from . import rendering

#: Attempts, and acts of people, that a page shows.
MOST = 100


@dataclass(frozen=True)
class Event:
    """Something that happened to a message."""

    at: datetime
    title: SafeString
    facts: list[SafeString | str]
    answer: str = ""
    """The beginning of what the server wrote, without secrets."""
    kind: str = "act"

    @property
    def at_element(self) -> SafeString:
        """When it happened, to the second."""
        return rendering.time_element(self.at)


def timeline_of(row: OutboundMessage) -> list[Event]:
    """Return what happened to a message, the latest first."""
    attempts = row.delivery_attempts.order_by("-pk")[:MOST]
    events = [*map(_attempt, attempts), *map(_act, _entries(row))]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _entries(row: OutboundMessage) -> Any:
    kind = ContentType.objects.get_for_model(OutboundMessage)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(row.pk))
    return entries.select_related("user").order_by("-action_time")[:MOST]


def _act(entry: LogEntry) -> Event:
    title = format_html("<bdi>{}</bdi>", entry.get_change_message())
    who = format_html(_("by {}"), format_html("<bdi>{}</bdi>", entry.user.get_username()))
    return Event(entry.action_time, title, [who])


def _attempt(attempt: DeliveryAttempt) -> Event:
    number = _("Attempt %(number)d") % {"number": attempt.number}
    title = format_html("{}: {}", number, rendering.badge(Outcome(attempt.outcome)))
    return Event(
        attempt.started_at, title, _facts(attempt), answer=attempt.answer, kind=attempt.outcome
    )


def _facts(attempt: DeliveryAttempt) -> list[SafeString | str]:
    facts: list[SafeString | str] = []
    if attempt.error:
        facts.append(format_html("<bdi>{}</bdi>", attempt.error))
    if attempt.http_status is not None:
        facts.append(_("HTTP %(status)s") % {"status": attempt.http_status})
    if attempt.duration_ms is None:
        facts.append(_("nobody knows how long it took"))
    else:
        facts.append(_("took %(number)d ms") % {"number": attempt.duration_ms})
    if not attempt.counted:
        facts.append(_("not counted"))
    if attempt.next_attempt_at is not None:
        again = rendering.time_element(attempt.next_attempt_at)
        facts.append(format_html(_("next attempt at {}"), again))
    worker = format_html('<bdi class="hipchat-worker">{}</bdi>', attempt.worker)
    facts.append(format_html("{}: {}", attempt.get_trigger_display(), worker))
    return facts
