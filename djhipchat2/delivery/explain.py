"""Why a message is where it is, in plain words. Pure: rows and time are passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import WHOLE_CONNECTION, Heartbeat, OutboundMessage, Room
from ..states import HoldReason, Status

#: Characters of an error that fit into a sentence; the row has the rest.
SHOWN_CHARACTERS = 300

FLUSH = "manage.py hipchat_flush_outbox"

_HOLDS = {
    HoldReason.RATE_LIMITED: gettext_lazy("the chat limits how much it takes"),
    HoldReason.UNREACHABLE: gettext_lazy("the chat cannot be reached"),
    HoldReason.PAUSED: gettext_lazy("somebody has paused it"),
}


class Reason(Enum):
    """Why a message is where it is, in one word for programs."""

    SENT = "sent"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SENDING = "sending"
    VANISHED = "worker vanished"
    UNDECIDED = "waits for a decision"
    TOO_LATE = "too late"
    ROOM_HELD = "room held"
    CONNECTION_HELD = "connection held"
    LIMIT_USED_UP = "limit used up"
    NOT_DUE = "not due"
    WAITS_AFTER_FAILURE = "waits after failure"
    IN_TURN = "in turn"
    DUE = "due"


@dataclass(frozen=True)
class Explanation:
    """A reason, a sentence, and when it is going to change, if that is known."""

    reason: Reason
    text: str
    until: datetime | None = None


def explain(
    row: OutboundMessage, room: Room | None, now: datetime, *, whole: Room | None = None
) -> str:
    """Return why a message is where it is, as a sentence; see ``explanation()``."""
    return explanation(row, room, now, whole=whole).text


def explanation(
    row: OutboundMessage,
    room: Room | None,
    now: datetime,
    *,
    whole: Room | None = None,
    flushed: str = "",
) -> Explanation:
    """
    Return why a message is where it is.

    ``room`` is its room's row and ``whole`` the one that stands for all rooms of its connection;
    None where there is none yet. ``flushed`` is a sentence about the last flush.
    """
    if row.status == Status.SENDING:
        return _sending(row, room, now)
    if row.status == Status.QUEUED:
        return _queued(row, room, whole, now, flushed)
    return _final(row)


def moment(value: datetime) -> str:
    """Return a time to the second, the same in every language, in the current time zone."""
    if timezone.is_aware(value):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S %Z")
    return value.strftime("%Y-%m-%d %H:%M:%S")


def _final(row: OutboundMessage) -> Explanation:
    finished = moment(row.finished_at or row.modified)
    if row.status == Status.SENT:
        text = ngettext(
            "Sent at %(time)s, with %(count)d attempt.",
            "Sent at %(time)s, with %(count)d attempts.",
            row.attempts,
        )
        return Explanation(Reason.SENT, text % {"time": finished, "count": row.attempts})
    if row.status == Status.EXPIRED:
        over = moment(row.expires_at) if row.expires_at else finished
        text = _("Expired at %(time)s: it was still queued then.")
        return Explanation(Reason.EXPIRED, text % {"time": over})
    if row.status == Status.CANCELLED:
        text = _after_failure(_("Cancelled at %(time)s.") % {"time": finished}, row)
        return Explanation(Reason.CANCELLED, text)
    error = _shown(row.error) or _("nobody recorded a reason")
    text = _("Failed for good at %(time)s: %(error)s") % {"time": finished, "error": error}
    return Explanation(Reason.FAILED, text)


def _sending(row: OutboundMessage, room: Room | None, now: datetime) -> Explanation:
    started = moment(row.attempt_started_at or row.modified)
    if room is not None and room.lease_token == row.lease_token and _is_leased(room, now):
        text = _("Being sent by %(worker)s since %(time)s.")
        return Explanation(Reason.SENDING, text % {"worker": room.lease_owner, "time": started})
    text = _(
        "Its attempt of %(time)s was never finished, so the chat may or may not have it: the "
        "worker has vanished. To have the room taken over, run %(command)s."
    )
    return Explanation(Reason.VANISHED, text % {"time": started, "command": FLUSH})


def _queued(
    row: OutboundMessage, room: Room | None, whole: Room | None, now: datetime, flushed: str
) -> Explanation:
    if row.expires_at is not None and row.expires_at <= now:
        text = _("Too late since %(time)s: the next delivery will mark it as expired.")
        return Explanation(Reason.TOO_LATE, text % {"time": moment(row.expires_at)})
    if row.held:
        text = _(
            "Its answer was lost, so the chat may or may not have it. Look there, then try it "
            "again, mark it as sent, or cancel it."
        )
        return Explanation(Reason.UNDECIDED, _after_failure(text, row))
    again = row.next_attempt_at if row.next_attempt_at and row.next_attempt_at > now else None
    hold = _longest_hold((room, whole), now)
    if hold is not None and _outlasts(hold, again or now):
        return _held(row, hold)
    if again is not None:
        return _waiting(row, again)
    if whole is not None and _is_used_up(whole, now):
        text = _("The chat's limit for the whole connection is used up until %(time)s.")
        until = whole.limit_resets_at or now
        return Explanation(Reason.LIMIT_USED_UP, text % {"time": moment(until)}, until)
    if room is not None and _is_leased(room, now):
        text = _("Due now: %(worker)s is delivering to its room and takes it in its turn.")
        return Explanation(Reason.IN_TURN, text % {"worker": room.lease_owner})
    text = _("Due now, and nobody has delivered it: run %(command)s.") % {"command": FLUSH}
    return Explanation(Reason.DUE, " ".join(filter(None, [_after_failure(text, row), flushed])))


def _waiting(row: OutboundMessage, again: datetime) -> Explanation:
    time = moment(again)
    if not row.error:
        text = _("Waits until %(time)s, as its sender asked.") % {"time": time}
        return Explanation(Reason.NOT_DUE, text, again)
    error = _shown(row.error)
    if not row.attempts:
        text = _("Waits until %(time)s because the chat turned it away: %(error)s")
    else:
        text = ngettext(
            "Waits until %(time)s because its last attempt failed (%(count)d used up): %(error)s",
            "Waits until %(time)s because its last attempt failed (%(count)d used up): %(error)s",
            row.attempts,
        )
    text = text % {"time": time, "count": row.attempts, "error": error}
    return Explanation(Reason.WAITS_AFTER_FAILURE, text, again)


def _held(row: OutboundMessage, room: Room) -> Explanation:
    reason = hold_in_words(room)
    until = room.hold_until and moment(room.hold_until)
    if room.room_id == WHOLE_CONNECTION:
        kind = Reason.CONNECTION_HELD
        text = (
            _("Its whole connection is on hold until %(time)s because %(reason)s.")
            if until
            else _("Its whole connection is on hold, until somebody lifts that: %(reason)s.")
        )
    else:
        kind = Reason.ROOM_HELD
        text = (
            _("Its room is on hold until %(time)s because %(reason)s.")
            if until
            else _("Its room is on hold, until somebody lifts that: %(reason)s.")
        )
    text = _after_failure(text % {"time": until, "reason": reason}, row)
    return Explanation(kind, text, room.hold_until)


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


def _after_failure(sentence: str, row: OutboundMessage) -> str:
    """Return the sentence with the error of the last attempt, if it had one."""
    if not row.error:
        return sentence
    text = _("%(sentence)s Its last attempt failed: %(error)s")
    return text % {"sentence": sentence, "error": _shown(row.error)}


def _is_leased(room: Room, now: datetime) -> bool:
    return room.lease_expires_at is not None and room.lease_expires_at > now


def _is_used_up(whole: Room, now: datetime) -> bool:
    return (
        whole.limit_left == 0
        and whole.limit_resets_at is not None
        and (whole.limit_resets_at > now)
    )


def _longest_hold(rooms: tuple[Room | None, ...], now: datetime) -> Room | None:
    longest: Room | None = None
    for room in rooms:
        if room is None or not room.hold_reason or not _outlasts(room, now):
            continue
        if longest is None or _outlasts(room, longest.hold_until):
            longest = room
    return longest


def _outlasts(room: Room, end: datetime | None) -> bool:
    """Does the room's hold last longer? None is the end of what somebody has to lift."""
    return room.hold_until is None or (end is not None and room.hold_until > end)


def _shown(error: str) -> str:
    return Truncator(" ".join(error.split())).chars(SHOWN_CHARACTERS)
