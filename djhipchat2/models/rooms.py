"""Rooms: who delivers to them, and what keeps messages from them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..querysets import RoomQuerySet
from ..states import HoldReason
from .timestamps import Timestamps

#: The "room" whose row stands for all rooms of a connection; no message can name it.
WHOLE_CONNECTION = ""
NOTE_CHARACTERS = 200
#: The longest user name of Django's own users.
NAME_CHARACTERS = 150


class Room(Timestamps):
    """
    A room of a connection: who delivers to it just now, and what keeps messages from it.

    The row is made when the room is first delivered to. One with an empty ``room_id`` holds all
    rooms of the connection.
    """

    connection = models.CharField(_("connection"), max_length=100)
    room_id = models.CharField(_("room"), max_length=100)

    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    lease_owner = models.CharField(_("leased by"), max_length=100, blank=True)
    leased_at = models.DateTimeField(_("leased at"), null=True, blank=True)
    lease_expires_at = models.DateTimeField(_("lease expires"), null=True, blank=True)

    hold_reason = models.CharField(
        _("hold"), max_length=12, choices=HoldReason, default=HoldReason.NONE, blank=True
    )
    hold_until = models.DateTimeField(
        _("held until"), null=True, blank=True, help_text=_("Empty: until it is lifted.")
    )
    hold_note = models.CharField(_("note"), max_length=NOTE_CHARACTERS, blank=True)
    held_at = models.DateTimeField(_("held since"), null=True, blank=True)
    held_by = models.CharField(_("held by"), max_length=NAME_CHARACTERS, blank=True)

    # What the chat has said of its limit for the whole connection; in that row alone.
    limit_total = models.PositiveIntegerField(null=True, blank=True, editable=False)
    limit_left = models.PositiveIntegerField(null=True, blank=True, editable=False)
    limit_taken = models.PositiveIntegerField(default=0, editable=False)
    limit_resets_at = models.DateTimeField(null=True, blank=True, editable=False)

    failures = models.PositiveIntegerField(
        _("failures in a row"), default=0, help_text=_("Attempts since the last accepted one.")
    )
    sent = models.PositiveBigIntegerField(_("messages sent"), default=0)
    last_sent_at = models.DateTimeField(_("last sent"), null=True, blank=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")
        permissions = [("hold_room", "Can pause and resume rooms")]
        constraints = [
            models.UniqueConstraint(fields=["connection", "room_id"], name="hipchat_room"),
            models.CheckConstraint(
                condition=Q(hold_reason__in=HoldReason.values), name="hipchat_room_hold"
            ),
            models.CheckConstraint(
                condition=Q(lease_token="", lease_expires_at=None)
                | (~Q(lease_token="") & Q(lease_expires_at__isnull=False)),
                name="hipchat_room_lease",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.room_id or _('all rooms')} ({self.connection})"
