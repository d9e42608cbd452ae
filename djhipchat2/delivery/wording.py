"""Times, holds and flushes in words, as sentences about messages and rooms use them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Heartbeat, Room
from ..states import HoldReason

#: Characters of an error that fit into a sentence; the row has the rest.
SHOWN_CHARACTERS = 300

FLUSH = "manage.py hipchat_flush_outbox"

_HOLDS = {
    HoldReason.RATE_LIMITED: gettext_lazy("the chat limits how much it takes"),
    HoldReason.UNREACHABLE: gettext_lazy("the chat cannot be reached"),
    HoldReason.PAUSED: gettext_lazy("somebody has paused it"),
}


def moment(value: datetime) -> str:
    """Return a time to the second, the same in every language, in the current time zone."""
    if timezone.is_aware(value):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S %Z")
    return value.strftime("%Y-%m-%d %H:%M:%S")


def hold_in_words(room: Room) -> str:
    """Return why a room is held, by whom, and what was noted about it."""
    reason = str(_HOLDS[HoldReason(room.hold_reason)])
    if room.held_by:
        reason = _("%(name)s has paused it") % {"name": room.held_by}
    if room.hold_note:
        reason = _("%(reason)s (%(note)s)") % {"reason": reason, "note": room.hold_note}
    return reason


def flush_in_words(beat: Heartbeat | None, now: datetime) -> str:
    """Return when somebody flushed the outbox for the last time."""
    if beat is None:
        return _("Nobody has ever flushed this outbox.")
    text = _("The last flush was %(age)s ago, by %(worker)s.")
    return text % {"age": timesince(beat.seen_at, now), "worker": beat.worker}


def shortened(error: str) -> str:
    """Return an error on one line, no longer than fits into a sentence."""
    return Truncator(" ".join(error.split())).chars(SHOWN_CHARACTERS)
