"""The words for what happens to a message; the only list of each."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """Where a message stands."""

    QUEUED = "queued", _("queued")
    SENDING = "sending", _("sending")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")


#: A final status never changes again; the row has a ``finished_at``.
FINAL = (Status.SENT, Status.FAILED, Status.EXPIRED, Status.CANCELLED)


class Outcome(TextChoices):
    """What one attempt came to."""

    #: The chat confirmed the message.
    ACCEPTED = "accepted", _("accepted")
    #: It will never work as it is: bad token, no such room, invalid message.
    REJECTED = "rejected", _("rejected")
    #: Worth another try, and the chat did not take it: busy, down, not reached.
    UNAVAILABLE = "unavailable", _("unavailable")
    #: The request went out and no answer came: the chat may or may not have taken it.
    UNKNOWN = "unknown", _("unknown")


class Trigger(TextChoices):
    """What set an attempt off."""

    IMMEDIATE = "immediate", _("immediate")
    FLUSH = "flush", _("flush")
    TASK = "task", _("task")
    RESEND = "resend", _("resend")


class HoldReason(TextChoices):
    """Why nothing goes to a room for now."""

    NONE = "", _("no hold")
    RATE_LIMITED = "rate_limited", _("rate limited")
    UNREACHABLE = "unreachable", _("unreachable")
    PAUSED = "paused", _("paused")


class OnUnknown(TextChoices):
    """What follows when nobody knows whether the chat has a message."""

    RETRY = "retry", _("retry")
    #: A person looks into the chat and decides in the admin.
    HOLD = "hold", _("hold")


class Scope(TextChoices):
    """What a limit, or an outage, covers."""

    ROOM = "room", _("room")
    CONNECTION = "connection", _("connection")


class Color(TextChoices):
    """HipChat's message colours; ``random`` lets HipChat choose one."""

    YELLOW = "yellow", _("yellow")
    RED = "red", _("red")
    GREEN = "green", _("green")
    PURPLE = "purple", _("purple")
    GRAY = "gray", _("gray")
    RANDOM = "random", _("random")


class MessageFormat(TextChoices):
    """How HipChat reads a message."""

    HTML = "html", _("HTML")
    TEXT = "text", _("text")
