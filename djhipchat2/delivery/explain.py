"""Why a message is where it is, in plain words. Pure: rows and time are passed in."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..states import HoldReason, Status

#: Characters of an error that fit into a sentence; the row has the rest.
SHOWN_CHARACTERS = 300

FLUSH = "manage.py hipchat_flush_outbox"

_HOLDS = {
    HoldReason.RATE_LIMITED: gettext_lazy("the chat limits how much it takes"),
    HoldReason.UNREACHABLE: gettext_lazy("the chat cannot be reached"),
    HoldReason.PAUSED: gettext_lazy("somebody has paused it"),
}


def explain(
    row: OutboundMessage, room: Room | None, now: datetime, *, whole: Room | None = None
) -> str:
    """
    Return why a message is where it is.

    ``room`` is its room's row and ``whole`` the one that stands for all rooms of its connection;
    None where there is none yet.
    """
    if row.status == Status.SENDING:
        return _sending(row, room, now)
    if row.status == Status.QUEUED:
        return _queued(row, room, whole, now)
    return _final(row)


def moment(value: datetime) -> str:
    """Return a time to the second, the same in every language, in the current time zone."""
    if timezone.is_aware(value):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S %Z")
    return value.strftime("%Y-%m-%d %H:%M:%S")


def _final(row: OutboundMessage) -> str:
    finished = moment(row.finished_at or row.modified)
    if row.status == Status.SENT:
        text = ngettext(
            "Sent at %(time)s, with %(count)d attempt.",
            "Sent at %(time)s, with %(count)d attempts.",
            row.attempts,
        )
        return text % {"time": finished, "count": row.attempts}
    if row.status == Status.EXPIRED:
        over = moment(row.expires_at) if row.expires_at else finished
        return _("Expired at %(time)s: it was still queued then.") % {"time": over}
    if row.status == Status.CANCELLED:
        return _after_failure(_("Cancelled at %(time)s.") % {"time": finished}, row)
    error = _shown(row.error) or _("nobody recorded a reason")
    return _("Failed for good at %(time)s: %(error)s") % {"time": finished, "error": error}


def _sending(row: OutboundMessage, room: Room | None, now: datetime) -> str:
    started = moment(row.attempt_started_at or row.modified)
    if room is not None and room.lease_token == row.lease_token and _is_leased(room, now):
        text = _("Being sent by %(worker)s since %(time)s.")
        return text % {"worker": room.lease_owner, "time": started}
    text = _(
        "Its attempt of %(time)s was never finished, so the chat may or may not have it: the "
        "worker has vanished. To have the room taken over, run %(command)s."
    )
    return text % {"time": started, "command": FLUSH}


def _queued(row: OutboundMessage, room: Room | None, whole: Room | None, now: datetime) -> str:
    if row.expires_at is not None and row.expires_at <= now:
        text = _("Too late since %(time)s: the next delivery will mark it as expired.")
        return text % {"time": moment(row.expires_at)}
    again = row.next_attempt_at if row.next_attempt_at and row.next_attempt_at > now else None
    hold = _longest_hold((room, whole), now)
    if hold is not None and _outlasts(hold, again or now):
        return _held(row, hold)
    if again is not None:
        return _waiting(row, again)
    if room is not None and _is_leased(room, now):
        text = _("Due now: %(worker)s is delivering to its room and takes it in its turn.")
        return text % {"worker": room.lease_owner}
    text = _("Due now, and nobody has delivered it: run %(command)s.")
    return _after_failure(text % {"command": FLUSH}, row)


def _waiting(row: OutboundMessage, again: datetime) -> str:
    time = moment(again)
    if not row.error:
        return _("Waits until %(time)s, as its sender asked.") % {"time": time}
    error = _shown(row.error)
    if not row.attempts:
        text = _("Waits until %(time)s because the chat turned it away: %(error)s")
        return text % {"time": time, "error": error}
    text = ngettext(
        "Waits until %(time)s because its last attempt failed (%(count)d used up): %(error)s",
        "Waits until %(time)s because its last attempt failed (%(count)d used up): %(error)s",
        row.attempts,
    )
    return text % {"time": time, "count": row.attempts, "error": error}


def _held(row: OutboundMessage, room: Room) -> str:
    reason = str(_HOLDS[HoldReason(room.hold_reason)])
    if room.hold_note:
        reason = _("%(reason)s (%(note)s)") % {"reason": reason, "note": room.hold_note}
    until = room.hold_until and moment(room.hold_until)
    if room.room_id == WHOLE_CONNECTION:
        text = (
            _("Its whole connection is on hold until %(time)s because %(reason)s.")
            if until
            else _("Its whole connection is on hold, until somebody lifts that: %(reason)s.")
        )
    else:
        text = (
            _("Its room is on hold until %(time)s because %(reason)s.")
            if until
            else _("Its room is on hold, until somebody lifts that: %(reason)s.")
        )
    return _after_failure(text % {"time": until, "reason": reason}, row)


def _after_failure(sentence: str, row: OutboundMessage) -> str:
    """Return the sentence with the error of the last attempt, if it had one."""
    if not row.error:
        return sentence
    text = _("%(sentence)s Its last attempt failed: %(error)s")
    return text % {"sentence": sentence, "error": _shown(row.error)}


def _is_leased(room: Room, now: datetime) -> bool:
    return room.lease_expires_at is not None and room.lease_expires_at > now


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
