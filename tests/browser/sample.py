"""An outbox on a bad night: what browser tests and screenshots look at."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from djhipchat2.models import DeliveryAttempt, Heartbeat, OutboundMessage, Room

BACKEND = "djhipchat2.backends.request.HipChatBackend"
ERROR = "HTTP 404: no room 'Deploys' (the room was renamed)."
NO_ANSWER = "No answer within 10 s."
HTML = (
    'Build <b>5823</b> of <a href="https://ci.example.test/5823">shop</a> is <i>green</i>.'
    "<ul><li>412 tests</li><li>3 minutes</li></ul>"
)
TEXTS = (
    ("Nagios", "Disk of db2 is 91 % full.\nhttps://nagios.example.test/db2", "text", "red"),
    ("CI", HTML, "html", "green"),
    ("Shop", "Order 10442 came to a stop at payment.", "text", "yellow"),
    ("Deploys", "<b>web</b> was deployed by anna: <code>a1b2c3d</code>", "html", "purple"),
    ("Cron", "Nightly report is ready.", "text", "gray"),
)
ROOMS = ("Ops", "Deploys", "Shop", "Night watch")


def _row(now: datetime, age: timedelta, number: int, status: str, **values: Any) -> OutboundMessage:
    sender, text, message_format, color = TEXTS[number % len(TEXTS)]
    ended = now - age + timedelta(seconds=2)
    ends: dict[str, dict[str, Any]] = {
        "queued": {},
        "sent": {"finished_at": ended, "sent_at": ended, "attempts": 1},
        "sending": {"lease_token": "t", "attempt_started_at": ended, "attempts": 1},
    }
    row = {
        "connection": "default",
        "backend": BACKEND,
        "room_id": ROOMS[number % len(ROOMS)],
        "sender": sender,
        "message": text,
        "message_format": message_format,
        "color": color,
        "notify": number % 7 == 0,
        "status": status,
        **ends.get(status, {"finished_at": ended, "attempts": 10, "error": ERROR}),
        **values,
    }
    return OutboundMessage(created=now - age, **row)


def fill() -> None:
    """Write the outbox: a day of messages, trouble in one room, and one that is paused."""
    now = timezone.now()
    chance = random.Random(5)  # the same pictures each time
    ages = sorted((chance.uniform(0.3, 23.9) for _ in range(160)), reverse=True)
    for number, age in enumerate(ages):
        failed = chance.random() < (0.5 if 2 < age < 4 else 0.03)
        status = "failed" if failed else "sent"
        place = {"room_id": "Deploys"} if failed else {}
        _row(now, timedelta(hours=age), number, status, **place).save()
    again = now + timedelta(minutes=2, seconds=20)
    busy = {"attempts": 3, "error": "HTTP 503: the chat is down.", "next_attempt_at": again}
    waiting = _row(now, timedelta(minutes=9), 0, "queued", **busy)
    waiting.save()
    _row(now, timedelta(minutes=8), 3, "queued", room_id="Night watch").save()
    held = {"held": True, "attempts": 1, "error": NO_ANSWER}
    undecided = _row(now, timedelta(minutes=7), 2, "queued", **held)
    undecided.save()
    _unknown_attempt(undecided, now)
    _row(now, timedelta(minutes=1), 4, "cancelled", error="", attempts=0).save()
    _row(now, timedelta(seconds=3), 1, "sending", room_id="Shop").save()
    _rooms(now)
    _attempts(waiting, now)
    Heartbeat.objects.create(
        kind="flush", host="web1", worker="web1:812:flush", seen_at=now - timedelta(seconds=4)
    )


def _rooms(now: datetime) -> None:
    for number, name in enumerate(ROOMS):
        sent_at = now - timedelta(minutes=number * 7 + 1)
        values: dict[str, Any] = {"sent": 18_220 - number * 4_001, "last_sent_at": sent_at}
        if name == "Night watch":
            values |= {"hold_reason": "paused", "hold_note": "Incident 42: too much noise"}
            values |= {"held_by": "anna", "held_at": now - timedelta(minutes=25)}
        if name == "Deploys":
            values |= {"hold_reason": "rate_limited", "failures": 3}
            values |= {"hold_until": now + timedelta(minutes=4), "held_at": now}
        if name == "Shop":
            values |= {"lease_token": "t", "lease_owner": "web1:812:flush", "leased_at": now}
            values |= {"lease_expires_at": now + timedelta(hours=1)}
        Room.objects.create(connection="default", room_id=name, **values)


def _unknown_attempt(row: OutboundMessage, now: datetime) -> None:
    DeliveryAttempt.objects.create(
        message=row,
        number=1,
        trigger="immediate",
        worker="web1:640:MainThread",
        started_at=now - timedelta(minutes=7),
        duration_ms=10_004,
        outcome="unknown",
        error=NO_ANSWER,
    )


def _attempts(row: OutboundMessage, now: datetime) -> None:
    for number in (1, 2, 3):
        DeliveryAttempt.objects.create(
            message=row,
            number=number,
            trigger="flush" if number > 1 else "immediate",
            worker="web1:812:flush",
            started_at=now - timedelta(minutes=9 - 2 * number),
            duration_ms=812 * number,
            http_status=503,
            outcome="unavailable",
            error="HTTP 503: the chat is down.",
            answer="<html><h1>503 Service Unavailable</h1></html>",
            next_attempt_at=now - timedelta(minutes=7 - 2 * number),
        )
