"""What operators do to the outbox: resend, cancel, retry, decide; pause rooms and resume them."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from . import dispatch
from .connections import connections
from .delivery import clock, holds
from .delivery.engine import database
from .exceptions import ConnectionUnknown, MessageError, MessageStateError
from .models import NAME_CHARACTERS, NOTE_CHARACTERS, WHOLE_CONNECTION, OutboundMessage, Room
from .querysets import OutboundMessageQuerySet
from .states import Status, Trigger

#: What a copy takes over from the message that it repeats.
COPIED = (
    "connection",
    "room_id",
    "sender",
    "message",
    "message_format",
    "notify",
    "color",
    "card",
    "fallback",
    "fallback_room_id",
)


def resend(message: OutboundMessage, *, defer: bool = False) -> OutboundMessage:
    """
    Write a copy of a message that came to its end, have it delivered, and return its row.

    The copy has fresh attempts and refers to the old one as ``resend_of``. Raise MessageStateError
    if the message is not final, or if it has been resent: resend the copy then.
    """
    backend = connections[message.connection]
    backend.require_settings()
    using = database()
    with transaction.atomic(using=using):
        old = OutboundMessage.objects.using(using).select_for_update().get(pk=message.pk)
        if not old.is_final:
            error = f"Message {old.pk} is {old.status}; only a final one can be resent."
            raise MessageStateError(error)
        copy = OutboundMessage(resend_of=old, backend=backend.path)
        for name in COPIED:
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
    rows = _row(message)
    if not rows.cancel(clock.now(rows.db)):
        raise _wrong_state(message, "only a queued one can be cancelled")
    message.refresh_from_db(using=rows.db)


def retry_now(message: OutboundMessage, *, defer: bool = False) -> None:
    """
    Let a queued message be tried at once: its wait is over, and if it is held it is released.

    A hold of its room or of its connection stays. Nothing is sent before this transaction commits;
    with ``defer`` it is left to the next flush. Raise MessageStateError if the message is not
    queued.
    """
    rows = _row(message)
    now = clock.now(rows.db)
    if not rows.queued().update(next_attempt_at=None, held=False, modified=now):
        raise _wrong_state(message, "only a queued one can be tried now")
    message.refresh_from_db(using=rows.db)
    if not defer:
        dispatch.due(message.connection, message.room_id, Trigger.RESEND)


def mark_sent(message: OutboundMessage) -> None:
    """
    Give a held message the status ``sent``: somebody has seen it in the chat.

    Raise MessageStateError if it is not held.
    """
    rows = _row(message)
    now = clock.now(rows.db)
    changes = {"status": Status.SENT, "held": False, "sent_at": now, "finished_at": now}
    if not rows.held().update(**changes, modified=now):
        raise _wrong_state(message, "only one that is held for a decision can be marked as sent")
    message.refresh_from_db(using=rows.db)


def pause(
    connection: str, room_id: str = WHOLE_CONNECTION, *, note: str = "", by: str = ""
) -> Room:
    """
    Hold a room, or without one the whole connection, until somebody resumes it; return its row.

    ``note`` says why and ``by`` who; both are shown. The message in hand is finished. Raise
    MessageError for a note or a name that is too long, and ConnectionUnknown for a connection that
    neither the settings nor any row has.
    """
    for name, value, limit in (("note", note, NOTE_CHARACTERS), ("by", by, NAME_CHARACTERS)):
        if len(value) > limit:
            raise MessageError(name, value, f"has {limit} characters at most; shorten it.")
    using = database()
    _require_known(using, connection)
    return holds.pause(using, connection, room_id, note=note, by=by)


def resume(connection: str, room_id: str = WHOLE_CONNECTION) -> bool:
    """
    Lift whatever holds a room, or without one the whole connection; return whether anything did.

    What is due there is announced after this transaction commits. Raise ConnectionUnknown for a
    connection that neither the settings nor any row has.
    """
    using = database()
    _require_known(using, connection)
    lifted = holds.resume(using, connection, room_id)
    if lifted:
        rows = OutboundMessage.objects.using(using)
        rooms = [room_id] if room_id else [room for _, room in rows.rooms(using=connection)]
        for room in rooms:
            dispatch.due(connection, room, Trigger.FLUSH)
    return lifted


def drain(connection: str, room_id: str) -> None:
    """Have what is due in a room delivered after this transaction commits."""
    dispatch.due(connection, room_id, Trigger.FLUSH)


def _require_known(using: str, connection: str) -> None:
    """
    Raise ConnectionUnknown for an alias that nothing is called by, such as a room's name.

    Rows of a connection that is gone from the settings, or another process's, are enough.
    """
    if connections.knows(connection):
        return
    for model in (Room, OutboundMessage):
        if model._base_manager.using(using).filter(connection=connection).exists():
            return
    raise ConnectionUnknown(connection, connections.aliases())


def _row(message: OutboundMessage) -> OutboundMessageQuerySet:
    return OutboundMessage.objects.using(database()).filter(pk=message.pk)


def _wrong_state(message: OutboundMessage, rule: str) -> MessageStateError:
    status = _row(message).values_list("status", flat=True).get()
    return MessageStateError(f"Message {message.pk} is {status}; {rule}.")
