"""Why a message is where it is, in plain words. Pure: rows and time are passed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ..models import WHOLE_CONNECTION, OutboundMessage, Room
from ..states import Status
from .wording import FLUSH, hold_in_words, moment, shortened


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
    UNUSABLE = "connection unusable"


@dataclass(frozen=True)
class Explanation:
    """A reason, a sentence, and when it is going to change, if that is known."""

    reason: Reason
    text: str
    until: datetime | None = None
    named: datetime | None = None
    """The time that the sentence names, as ``moment()`` writes it."""


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


def unusable(row: OutboundMessage, trouble: str) -> Explanation:
    """Return why a due message waits that this process cannot send; ``trouble`` says why not."""
    text = _("Due now, and waits because this process cannot use its connection: %(error)s")
    told = Explanation(Reason.UNUSABLE, text % {"error": trouble})
    return _after_failure(told, row)


def _final(row: OutboundMessage) -> Explanation:
    finished = row.finished_at or row.modified
    if row.status == Status.SENT:
        text = ngettext(
            "Sent at %(time)s, with %(count)d attempt.",
            "Sent at %(time)s, with %(count)d attempts.",
            row.attempts,
        )
        return _naming(finished, Reason.SENT, text, count=row.attempts)
    if row.status == Status.EXPIRED:
        text = _("Expired at %(time)s: it was still queued then.")
        return _naming(row.expires_at or finished, Reason.EXPIRED, text)
    if row.status == Status.CANCELLED:
        told = _naming(finished, Reason.CANCELLED, _("Cancelled at %(time)s."))
        return _after_failure(told, row)
    error = shortened(row.error) or _("nobody recorded a reason")
    text = _("Failed for good at %(time)s: %(error)s")
    return _naming(finished, Reason.FAILED, text, error=error)


def _sending(row: OutboundMessage, room: Room | None, now: datetime) -> Explanation:
    started = row.attempt_started_at or row.modified
    if room is not None and room.lease_token == row.lease_token and _is_leased(room, now):
        text = _("Being sent by %(worker)s since %(time)s.")
        return _naming(started, Reason.SENDING, text, worker=room.lease_owner)
    text = _(
        "Its attempt of %(time)s was never finished, so the chat may or may not have it: the "
        "worker has vanished. To have the room taken over, run %(command)s."
    )
    return _naming(started, Reason.VANISHED, text, command=FLUSH)


def _queued(
    row: OutboundMessage, room: Room | None, whole: Room | None, now: datetime, flushed: str
) -> Explanation:
    if row.expires_at is not None and row.expires_at <= now:
        text = _("Too late since %(time)s: the next delivery will mark it as expired.")
        return _naming(row.expires_at, Reason.TOO_LATE, text)
    if row.held:
        text = _(
            "Its answer was lost, so the chat may or may not have it. Look there, then try it "
            "again, mark it as sent, or cancel it."
        )
        return _after_failure(Explanation(Reason.UNDECIDED, text), row)
    again = row.next_attempt_at if row.next_attempt_at and row.next_attempt_at > now else None
    hold = _longest_hold((room, whole), now)
    if hold is not None and _outlasts(hold, again or now):
        return _held(row, hold)
    if again is not None:
        return _waiting(row, again)
    if whole is not None and _is_used_up(whole, now):
        text = _("The chat's limit for the whole connection is used up until %(time)s.")
        return _until(whole.limit_resets_at or now, Reason.LIMIT_USED_UP, text)
    if room is not None and _is_leased(room, now):
        text = _("Due now: %(worker)s is delivering to its room and takes it in its turn.")
        return Explanation(Reason.IN_TURN, text % {"worker": room.lease_owner})
    text = _("Due now, and nobody has delivered it: run %(command)s.") % {"command": FLUSH}
    due = _after_failure(Explanation(Reason.DUE, text), row)
    return replace(due, text=f"{due.text} {flushed}".rstrip())


def _waiting(row: OutboundMessage, again: datetime) -> Explanation:
    if not row.error:
        text = _("Waits until %(time)s, as its sender asked.")
        return _until(again, Reason.NOT_DUE, text)
    error = shortened(row.error)
    if not row.attempts:
        text = _("Waits until %(time)s because the chat turned it away: %(error)s")
    else:
        text = ngettext(
            "Waits until %(time)s because its last attempt failed (%(count)d used up): %(error)s",
            "Waits until %(time)s because its last attempt failed (%(count)d used up): %(error)s",
            row.attempts,
        )
    return _until(again, Reason.WAITS_AFTER_FAILURE, text, count=row.attempts, error=error)


def _held(row: OutboundMessage, room: Room) -> Explanation:
    reason = hold_in_words(room)
    until = room.hold_until
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
    if until is None:
        return _after_failure(Explanation(kind, text % {"reason": reason}), row)
    return _after_failure(_until(until, kind, text, reason=reason), row)


def _naming(time: datetime, reason: Reason, text: str, /, **values: Any) -> Explanation:
    """Return an explanation that names a time."""
    return Explanation(reason, text % {"time": moment(time), **values}, named=time)


def _until(time: datetime, reason: Reason, text: str, /, **values: Any) -> Explanation:
    """Return an explanation that names the time until which it holds."""
    return replace(_naming(time, reason, text, **values), until=time)


def _after_failure(told: Explanation, row: OutboundMessage) -> Explanation:
    """Return the explanation with the error of the last attempt, if it had one."""
    if not row.error:
        return told
    text = _("%(sentence)s Its last attempt failed: %(error)s")
    return replace(told, text=text % {"sentence": told.text, "error": shortened(row.error)})


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
