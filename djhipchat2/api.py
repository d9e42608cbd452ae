"""The calls: write messages to the outbox and set off their delivery; resend and cancel them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.db import connections as databases
from django.utils import timezone

from . import dispatch
from .backends.base import HipChatBackendBase
from .backends.loading import load_backend
from .conf import settings
from .connections import DEFAULT, canonical_path, connections
from .delivery import clock
from .delivery.engine import database
from .exceptions import MessageError, MessageStateError
from .message import Message
from .models import DEDUPE_KEY_CHARACTERS, OutboundMessage
from .states import Trigger

#: Rows that are inserted with one statement; SQLite bounds the number of parameters.
BATCH = 500

Written = tuple[OutboundMessage, Message]


def send_message(
    room_id: str | int,
    message: str,
    sender: str | None = None,
    message_format: str = "html",
    notify: bool = False,  # noqa: FBT001, FBT002 - the 2013 signature
    color: str = "yellow",
    *,
    using: str = DEFAULT,
    defer: bool = False,
    deliver_at: datetime | None = None,
    expires_at: datetime | None = None,
    dedupe_key: str | None = None,
    card: Mapping[str, Any] | None = None,
) -> OutboundMessage:
    """
    Write a message to the outbox, have it delivered, and return its row.

    Delivery starts when the transaction commits; with ``defer`` it is left to a flush or a worker.
    A failed delivery raises nothing: ``refresh_from_db()`` and look at ``status`` and ``error``.

    ``sender`` is HIPCHAT_DEFAULT_SENDER if not given. ``using`` is a connection's alias. Nothing
    is sent before ``deliver_at`` or after ``expires_at``. A ``dedupe_key`` (200 characters at most)
    that the connection has seen returns the row that it belongs to, unchanged. ``card`` is a
    HipChat v2 card.

    Raise MessageError, a ValueError, for a value that HipChat would refuse, ConnectionUnknown for
    an alias that is not configured and ImproperlyConfigured for a wrong setting.
    """
    backend = _checked(connections[using])
    row, value = _row(
        backend,
        using,
        {
            "room_id": room_id,
            "message": message,
            "sender": sender,
            "message_format": message_format,
            "notify": notify,
            "color": color,
            "card": card,
            "deliver_at": deliver_at,
            "expires_at": expires_at,
            "dedupe_key": dedupe_key,
        },
    )
    stored = _insert(row)
    if stored is row and not defer and deliver_at is None:
        dispatch.announce([(row, value)], backend)
    return stored


def send_messages(messages: Iterable[Mapping[str, Any]], **defaults: Any) -> list[OutboundMessage]:
    """
    Write many messages, all or none, have them delivered, and return their rows in order.

    Each item is a dictionary of ``send_message()``'s parameters; ``defaults`` are for those that
    an item does not give. Raise what ``send_message()`` raises, and TypeError for a parameter that
    it does not have.
    """
    prepared: list[tuple[Written, str, bool]] = []
    for item in messages:
        call = {**_CALL_DEFAULTS, **defaults, **item}
        unknown = sorted(set(call) - set(_CALL_DEFAULTS))
        if unknown:
            message = f"send_message() has no parameter {', '.join(unknown)}."
            raise TypeError(message)
        using = call["using"]
        now = not call["defer"] and call["deliver_at"] is None
        prepared.append((_row(_checked(connections[using]), using, call), using, now))
    with transaction.atomic(using=database()):
        stored = _insert_many([row for (row, _), _, _ in prepared])
        due: dict[str, list[Written]] = {}
        for ((row, value), using, now), kept in zip(prepared, stored, strict=True):
            if kept is row and now:
                due.setdefault(using, []).append((row, value))
        for using, written in due.items():
            dispatch.announce(written, connections[using])
    return stored


async def asend_message(
    room_id: str | int, message: str, *args: Any, **kwargs: Any
) -> OutboundMessage:
    """Do what ``send_message()`` does, from asynchronous code."""
    return await sync_to_async(send_message)(room_id, message, *args, **kwargs)


async def asend_messages(
    messages: Iterable[Mapping[str, Any]], **defaults: Any
) -> list[OutboundMessage]:
    """Do what ``send_messages()`` does, from asynchronous code."""
    return await sync_to_async(send_messages)(messages, **defaults)


def get_backend(path: str | None = None, **options: Any) -> HipChatBackendBase:
    """
    Return a backend: that of the connection ``default``, or that at a dotted path, with options.

    Its ``send_message()`` goes through the outbox, too. Raise ImproperlyConfigured if there is no
    such backend or it has no such option.
    """
    if path is None and not options:
        return connections[DEFAULT]
    return load_backend(canonical_path(path or settings.backend), None, options)


def send_through(
    backend: HipChatBackendBase, room_id: str | int, message: str, *args: Any, **kwargs: Any
) -> OutboundMessage:
    """Do what ``send_message()`` does, through a backend in hand."""
    using = connections.alias_of(backend)
    return send_message(room_id, message, *args, using=using, **kwargs)


def resend(message: OutboundMessage, *, defer: bool = False) -> OutboundMessage:
    """
    Write a copy of a message that came to its end, have it delivered, and return its row.

    The copy has fresh attempts and refers to the old one as ``resend_of``. Raise MessageStateError
    if the message is not final, or if it has been resent: resend the copy then.
    """
    backend = _checked(connections[message.connection])
    using = database()
    with transaction.atomic(using=using):
        old = OutboundMessage.objects.using(using).select_for_update().get(pk=message.pk)
        if not old.is_final:
            error = f"Message {old.pk} is {old.status}; only a final one can be resent."
            raise MessageStateError(error)
        copy = OutboundMessage(resend_of=old, backend=backend.path)
        for name in _COPIED:
            setattr(copy, name, getattr(old, name))
        value = copy.as_message(backend.limits)
        try:
            with transaction.atomic(using=using):
                copy.save(using=using)
        except IntegrityError:
            error = f"Message {old.pk} has been resent; resend its copy."
            raise MessageStateError(error) from None
        if not defer:
            dispatch.announce([(copy, value)], backend, Trigger.RESEND)
    return copy


def cancel(message: OutboundMessage) -> None:
    """
    Cancel a queued message.

    Raise MessageStateError if it is not queued any more: what is being sent cannot be called back.
    """
    using = database()
    rows = OutboundMessage.objects.using(using).filter(pk=message.pk)
    if not rows.cancel(clock.now(using)):
        status = rows.values_list("status", flat=True).get()
        error = f"Message {message.pk} is {status}; only a queued one can be cancelled."
        raise MessageStateError(error)
    message.refresh_from_db(using=using)


_COPIED = (
    "connection",
    "room_id",
    "sender",
    "message",
    "message_format",
    "notify",
    "color",
    "card",
)

_CALL_DEFAULTS: dict[str, Any] = {
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


def _checked(backend: HipChatBackendBase) -> HipChatBackendBase:
    """Return a backend that can deliver. Raise ImproperlyConfigured if a setting is missing."""
    backend.require_settings()
    return backend


def _row(backend: HipChatBackendBase, using: str, call: Mapping[str, Any]) -> Written:
    value = Message.from_call(
        room_id=call["room_id"],
        message=call["message"],
        sender=call["sender"] or settings.default_sender,
        message_format=call["message_format"],
        notify=call["notify"],
        color=call["color"],
        card=call["card"],
        limits=backend.limits,
    )
    deliver_at = _moment("deliver_at", call["deliver_at"])
    expires_at = _moment("expires_at", call["expires_at"])
    if expires_at is not None and expires_at <= (deliver_at or timezone.now()):
        raise MessageError("expires_at", expires_at, "must be later than deliver_at and than now.")
    key, digest = _dedupe(using, call["dedupe_key"])
    row = OutboundMessage(
        connection=using,
        backend=backend.path,
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
    return value


def _dedupe(using: str, key: Any) -> tuple[str | None, str | None]:
    if key is None:
        return None, None
    if not isinstance(key, str) or not 1 <= len(key) <= DEDUPE_KEY_CHARACTERS or "\0" in key:
        limit = f"must be a string of 1 to {DEDUPE_KEY_CHARACTERS} characters."
        raise MessageError("dedupe_key", key, limit)
    return key, hashlib.sha256(f"{using}\0{key}".encode()).hexdigest()


def _insert(row: OutboundMessage) -> OutboundMessage:
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


def _insert_many(rows: list[OutboundMessage]) -> list[OutboundMessage]:
    """Insert rows in their order, which is that of delivery; those with a key one by one."""
    using = database()
    returns_keys = databases[using].features.can_return_rows_from_bulk_insert
    stored: list[OutboundMessage] = []
    for one_by_one, group in groupby(
        rows, lambda row: row.dedupe_digest is not None or not returns_keys
    ):
        if one_by_one:
            stored.extend(_insert(row) for row in group)
        else:
            plain = OutboundMessage.objects.using(using)
            stored.extend(plain.bulk_create(group, batch_size=BATCH))
    return stored
