"""The calls: write messages to the outbox and set off their delivery."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction

from . import dispatch
from .backends.base import HipChatBackendBase
from .backends.loading import load_backend
from .conf import settings
from .connections import DEFAULT, canonical_path, connections
from .delivery.engine import database
from .models import OutboundMessage
from .outbox import CALL_DEFAULTS, KnownTerms, Written, insert, insert_many, prepare


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

    ``sender`` is HIPCHAT_DEFAULT_SENDER if not given. ``using`` is a connection's alias; without
    it HIPCHAT_ROUTES decide, and of a message that goes to several connections the first row is
    returned (the others: ``row.routed_together()``). Nothing is sent before ``deliver_at`` or
    after ``expires_at``. A ``dedupe_key`` (200 characters at most) that the connection has seen
    returns the row that it belongs to, unchanged. ``card`` is a HipChat v2 card.

    Raise MessageError, a ValueError, for a value that HipChat would refuse, ConnectionUnknown for
    an alias that is not configured and ImproperlyConfigured for a wrong setting.
    """
    call = {
        "room_id": room_id,
        "message": message,
        "sender": sender,
        "message_format": message_format,
        "notify": notify,
        "color": color,
        "card": card,
        "using": using,
        "defer": defer,
        "deliver_at": deliver_at,
        "expires_at": expires_at,
        "dedupe_key": dedupe_key,
    }
    written = prepare(call, KnownTerms())
    if len(written) > 1:
        return _write([(written, call)])[0]
    [(row, value)] = written
    stored = insert(row)
    if stored is row and _is_for_now(call):
        dispatch.announce([(row, value)], connections[row.connection])
    return stored


def send_messages(messages: Iterable[Mapping[str, Any]], **defaults: Any) -> list[OutboundMessage]:
    """
    Write many messages, all or none, have them delivered, and return their rows in order.

    Of a message that goes to several connections the first row is returned.

    Each item is a dictionary of ``send_message()``'s parameters; ``defaults`` are for those that
    an item does not give. Raise what ``send_message()`` raises, and TypeError for a parameter that
    it does not have and for what is no list of dictionaries.
    """
    if isinstance(messages, Mapping | str | bytes) or not isinstance(messages, Iterable):
        message = (
            f"send_messages() takes a list of dictionaries, one a message, and got a value of type "
            f"{type(messages).__name__}; put what is one message into a list."
        )
        raise TypeError(message)
    terms = KnownTerms()
    calls: list[tuple[list[Written], Mapping[str, Any]]] = []
    for number, item in enumerate(messages):
        if not isinstance(item, Mapping):
            message = (
                f"Item {number} of send_messages() is of type {type(item).__name__}; make it a "
                f"dictionary of send_message()'s parameters."
            )
            raise TypeError(message)
        call = {**CALL_DEFAULTS, **defaults, **item}
        if len(call) > len(CALL_DEFAULTS):
            unknown = sorted(set(call) - set(CALL_DEFAULTS))
            message = f"send_message() has no parameter {', '.join(unknown)}."
            raise TypeError(message)
        calls.append((prepare(call, terms), call))
    return _write(calls)


def _write(calls: list[tuple[list[Written], Mapping[str, Any]]]) -> list[OutboundMessage]:
    """Insert what was prepared, have it delivered, and return the first row of each call."""
    with transaction.atomic(using=database()):
        inserted = insert_many([row for written, _ in calls for row, _ in written])
        # A key that is given twice has one row, and one object: delivery brings it up to date.
        by_key: dict[str, OutboundMessage] = {}
        stored = iter(
            by_key.setdefault(row.dedupe_digest, row) if row.dedupe_digest else row
            for row in inserted
        )
        due: dict[str, list[Written]] = {}
        firsts: list[OutboundMessage] = []
        for written, call in calls:
            kept = [next(stored) for _ in written]
            firsts.append(kept[0])
            for (row, value), found in zip(written, kept, strict=True):
                if found is row and _is_for_now(call):
                    due.setdefault(row.connection, []).append((row, value))
        for alias, rows in due.items():
            dispatch.announce(rows, connections[alias])
    return firsts


def _is_for_now(call: Mapping[str, Any]) -> bool:
    return not call["defer"] and call["deliver_at"] is None


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
