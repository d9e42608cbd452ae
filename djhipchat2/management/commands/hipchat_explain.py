"""``manage.py hipchat_explain``: why is this message, or this outbox, not moving?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations
from django.utils.timesince import timesince

from ...connections import connections
from ...delivery.engine import database
from ...delivery.explain import Explanation
from ...delivery.overview import Overview, overview, why
from ...delivery.wording import FLUSH, flush_in_words, hold_in_words, moment
from ...models import WHOLE_CONNECTION, OutboundMessage, Room
from ...states import Status
from ..arguments import positive_int


class Command(BaseCommand):
    """Say in words, or as JSON, where messages or the outbox stand."""

    help = (
        "Explains where a message stands and why, or without a number what waits in the outbox, "
        "what holds it up, and who was last seen flushing it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "number", nargs="*", type=positive_int, help="Numbers of messages (default: all)."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON, for programs.")

    # All in one language, that of the commands' own sentences; the admin speaks the reader's.
    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        if options["number"]:
            self._explain_messages(options["number"], as_json=options["json"])
        elif options["json"]:
            self.stdout.write(json.dumps(as_json(overview())))
        else:
            for line in in_words(overview()):
                self.stdout.write(line)

    def _explain_messages(self, numbers: list[int], *, as_json: bool) -> None:
        found = OutboundMessage.objects.using(database()).in_bulk(numbers)
        told = [(found[number], why(found[number])) for number in numbers if number in found]
        if as_json:
            self.stdout.write(json.dumps(messages_as_json(told)))
        else:
            for row, reason in told:
                self.stdout.write(" ".join([f"{row}. {reason.text}", *route_in_words(row)]))
        missing = [str(number) for number in numbers if number not in found]
        if missing:
            message = f"There is no message {', '.join(missing)}; perhaps it was purged."
            raise CommandError(message)


def messages_as_json(told: list[tuple[OutboundMessage, Explanation]]) -> list[dict[str, Any]]:
    """Return where messages stand, for programs."""
    return [
        {
            "id": row.pk,
            "connection": row.connection,
            "room": row.room_id,
            "status": row.status,
            "attempts": row.attempts,
            "reason": reason.reason.value,
            "text": reason.text,
            "until": reason.until and reason.until.isoformat(),
            "routed_together": [
                {
                    "id": other.pk,
                    "connection": other.connection,
                    "room": other.room_id,
                    "status": other.status,
                }
                for other in others_of(row)
            ],
            "fallback": row.fallback or None,
            "fallback_of": row.fallback_of_id,
        }
        for row, reason in told
    ]


def others_of(row: OutboundMessage) -> list[OutboundMessage]:
    """Return the rows of the same call, which a route sent to other connections."""
    return list(row.routed_together().exclude(pk=row.pk).order_by("pk"))


def route_in_words(row: OutboundMessage) -> list[str]:
    """Return sentences about where else a message went, and where it goes if it fails for good."""
    others = ", ".join(
        f"{other.connection} (message {other.pk}, {other.status})" for other in others_of(row)
    )
    said = [f"The same went to {others}."] if others else []
    if row.fallback_of_id is not None:
        said.append(f"It takes the place of message {row.fallback_of_id}, which failed.")
    elif row.fallback and row.status != Status.FAILED:
        said.append(f"If it fails for good, {row.fallback} gets it.")
    return said


def in_words(outbox: Overview) -> list[str]:
    """Return what an operator wants to know, a line a fact, the most important first."""
    lines = [
        f"{outbox.queued} queued, {outbox.due} of them due; {outbox.sending} being sent; "
        f"{outbox.undecided} waiting for a decision."
    ]
    if outbox.oldest is not None:
        lines.append(
            f"The oldest that is due has been waiting for {timesince(outbox.oldest, outbox.now)}."
        )
    lines.append(flush_in_words(outbox.flushed, outbox.now))
    if outbox.is_deliverable and not outbox.leased:
        lines.append(f"Nobody is delivering just now. Run {FLUSH}.")
    lines += [_hold_line(room) for room in outbox.held]
    lines += [_lease_line(room, outbox) for room in outbox.leased]
    lines += [_unusable_line(alias) for alias in outbox.unknown]
    return lines


def _hold_line(room: Room) -> str:
    until = f"until {moment(room.hold_until)}" if room.hold_until else "until somebody resumes it"
    since = f", since {moment(room.held_at)}" if room.held_at else ""
    return f"{_named(room)} is on hold {until}: {hold_in_words(room)}{since}."


def _lease_line(room: Room, outbox: Overview) -> str:
    since = f" since {moment(room.leased_at)}" if room.leased_at else ""
    if room.lease_expires_at is not None and room.lease_expires_at <= outbox.now:
        return (
            f"{_named(room)} was leased by {room.lease_owner}{since}, which has gone silent. The "
            f"next flush takes it over."
        )
    return f"{_named(room)} is being delivered to by {room.lease_owner}{since}."


def _unusable_line(alias: str) -> str:
    reason = connections.trouble(alias)
    if not connections.knows(alias):
        reason += " If it is gone for good, cancel them in the admin."
    return f"The connection {alias} cannot be used by this process, so its messages wait: {reason}"


def _named(room: Room) -> str:
    if room.room_id == WHOLE_CONNECTION:
        return f"The connection {room.connection}"
    return f"Room {room.room_id} ({room.connection})"


def as_json(outbox: Overview) -> dict[str, Any]:
    """Return the same for programs. Times are ISO 8601, ages in seconds."""
    beat = outbox.flushed
    return {
        "queued": outbox.queued,
        "due": outbox.due,
        "sending": outbox.sending,
        "undecided": outbox.undecided,
        "oldest_due_seconds": outbox.oldest and (outbox.now - outbox.oldest).total_seconds(),
        "last_flush": beat
        and {
            "worker": beat.worker,
            "seen_at": beat.seen_at.isoformat(),
            "seconds_ago": (outbox.now - beat.seen_at).total_seconds(),
        },
        "holds": [
            {
                "connection": room.connection,
                "room": room.room_id or None,
                "reason": room.hold_reason,
                "note": room.hold_note,
                "by": room.held_by,
                "since": room.held_at and room.held_at.isoformat(),
                "until": room.hold_until and room.hold_until.isoformat(),
            }
            for room in outbox.held
        ],
        "leases": [
            {
                "connection": room.connection,
                "room": room.room_id,
                "worker": room.lease_owner,
                "since": room.leased_at and room.leased_at.isoformat(),
                "expires_at": room.lease_expires_at and room.lease_expires_at.isoformat(),
            }
            for room in outbox.leased
        ],
        "unknown_connections": outbox.unknown,
    }
