"""From the arguments of a call to a row of the outbox."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db import connections as databases
from django.utils import timezone

from . import bulk, routing
from .conf import settings
from .connections import DEFAULT, connections
from .delivery.engine import database
from .exceptions import ConnectionUnknown, MessageError
from .message import Limits, Message
from .models import DEDUPE_KEY_CHARACTERS, OutboundMessage
from .routing import Target
from .validity import check_characters

#: Years that every database stores, in any time zone: a day beyond them has four digits still.
EARLIEST_YEAR, LATEST_YEAR = 1001, 9998

Written = tuple[OutboundMessage, Message]

#: ``send_message()``'s parameters and defaults; a call without the first two is refused.
CALL_DEFAULTS: dict[str, Any] = {
    "room_id": None,
    "message": None,
    "sender": None,
    "message_format": "html",
    "notify": False,
    "color": "yellow",
    "card": None,
    "using": DEFAULT,
    "defer": False,
    "deliver_at": None,
    "expires_at": None,
    "dedupe_key": None,
}


@dataclass(frozen=True)
class Terms:
    """What a connection asks of the messages that go to it, and gives them."""

    path: str
    limits: Limits
    sender: str
    """Whose name a message gets that has none."""


class KnownTerms(dict[str, Terms]):
    """The terms of one call, by connection: the settings are read once for all its messages."""

    @cached_property
    def routes(self) -> Mapping[str, Any]:
        """The project's routes, which only calls without a connection ask for."""
        return settings.routes

    def __missing__(self, alias: str) -> Terms:
        backend = connections[alias]
        backend.require_settings()
        its = self[alias] = Terms(backend.path, backend.limits, settings.default_sender)
        return its


def prepare(call: Mapping[str, Any], terms: KnownTerms) -> list[Written]:
    """
    Return the unsaved rows and the messages of a call: one for each connection that it goes to.

    Raise MessageError for a wrong value, ConnectionUnknown for an alias that is not configured and
    ImproperlyConfigured for a wrong setting.
    """
    using = call["using"]
    if not isinstance(using, str):
        raise ConnectionUnknown(using, connections.aliases())
    routes = terms.routes if using == DEFAULT else None
    aims = routing.targets(using, call["room_id"], routes)
    group = uuid4().hex if len(aims) > 1 else None
    return [_prepare(call, target, group, terms[target.connection]) for target in aims]


def _prepare(call: Mapping[str, Any], target: Target, group: str | None, its: Terms) -> Written:
    value = Message.from_call(
        room_id=target.room_id,
        message=call["message"],
        sender=call["sender"] or its.sender,
        message_format=call["message_format"],
        notify=call["notify"],
        color=call["color"],
        card=call["card"],
        limits=its.limits,
    )
    deliver_at = _moment("deliver_at", call["deliver_at"])
    expires_at = _moment("expires_at", call["expires_at"])
    if expires_at is not None and expires_at <= (deliver_at or timezone.now()):
        raise MessageError("expires_at", expires_at, "must be later than deliver_at and than now.")
    key, digest = _dedupe(target.connection, call["dedupe_key"])
    row = bulk.new(
        OutboundMessage,
        connection=target.connection,
        backend=its.path,
        room_id=value.room,
        sender=value.sender,
        message=value.text,
        message_format=value.message_format,
        notify=value.notify,
        color=value.color,
        card=value.card,
        next_attempt_at=deliver_at,
        deliver_at=deliver_at,
        expires_at=expires_at,
        dedupe_key=key,
        dedupe_digest=digest,
        route_group=group,
        fallback=target.fallback,
        fallback_room_id=target.fallback_room_id,
    )
    return row, value


def _moment(name: str, value: Any) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        raise MessageError(name, value, "must be a datetime.")
    if timezone.is_aware(value) != timezone.is_aware(timezone.now()):
        kind = "naive" if timezone.is_aware(value) else "aware"
        limit = f"must be {kind}, as USE_TZ says; see django.utils.timezone."
        raise MessageError(name, value, limit)
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        limit = (
            f"must be in one of the years {EARLIEST_YEAR} to {LATEST_YEAR}; "
            f"leave {name} out for a message that has none."
        )
        raise MessageError(name, value, limit)
    return value


def _dedupe(using: str, key: Any) -> tuple[str | None, str | None]:
    if key is None:
        return None, None
    if not isinstance(key, str) or not 1 <= len(key) <= DEDUPE_KEY_CHARACTERS:
        limit = f"must be a string of 1 to {DEDUPE_KEY_CHARACTERS} characters."
        raise MessageError("dedupe_key", key, limit)
    check_characters("dedupe_key", key)
    return key, hashlib.sha256(f"{using}\0{key}".encode()).hexdigest()


def insert(row: OutboundMessage) -> OutboundMessage:
    """Insert a row and return it, or the row that has its dedupe key."""
    using = database()
    if row.dedupe_digest is None:
        row.save(using=using, force_insert=True)
        return row
    same_key = OutboundMessage.objects.using(using).filter(dedupe_digest=row.dedupe_digest)
    with transaction.atomic(using=using):
        try:
            with transaction.atomic(using=using):
                row.save(using=using, force_insert=True)
        except IntegrityError:
            # Locking reads what is committed now, also where a transaction has one snapshot.
            found = same_key.select_for_update().first()
            if found is None:
                raise
            return found
    return row


def insert_many(rows: list[OutboundMessage]) -> list[OutboundMessage]:
    """Insert rows in their order, which is that of delivery; those with a key one by one."""
    using = database()
    returns_keys = databases[using].features.can_return_rows_from_bulk_insert
    stored: list[OutboundMessage] = []
    for one_by_one, group in groupby(
        rows, lambda row: row.dedupe_digest is not None or not returns_keys
    ):
        plain = list(group)
        if one_by_one:
            plain = [insert(row) for row in plain]
        else:
            bulk.insert(plain, using)
        stored += plain
    return stored
