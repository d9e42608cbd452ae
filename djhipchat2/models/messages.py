"""Messages: one text for one room each, and where it stands."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..message import Limits, Message
from ..querysets import OutboundMessageQuerySet
from ..states import FINAL, Color, MessageFormat, Status
from .timestamps import Timestamps

DEDUPE_KEY_CHARACTERS = 200


class OutboundMessage(Timestamps):
    """
    One text for one room. The row is the truth about it; brokers and memory only hurry it along.

    Only ``delivery`` changes a row after its insertion.
    """

    connection = models.CharField(
        _("connection"), max_length=100, help_text=_("Alias of the way out.")
    )
    backend = models.CharField(
        _("backend"), max_length=200, help_text=_("The backend when the message was written.")
    )
    room_id = models.CharField(_("room"), max_length=100)
    sender = models.CharField(_("sender"), max_length=64, blank=True)
    message = models.TextField(_("message"))
    message_format = models.CharField(
        _("format"), max_length=4, choices=MessageFormat, default=MessageFormat.HTML
    )
    notify = models.BooleanField(_("notify"), default=False)
    color = models.CharField(_("color"), max_length=6, choices=Color, default=Color.YELLOW)
    card = models.JSONField(_("card"), null=True, blank=True)

    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(
        _("attempts"),
        default=0,
        help_text=_("Attempts used up; those that a hold ended do not count."),
    )
    error = models.TextField(_("error"), blank=True)
    next_attempt_at = models.DateTimeField(
        _("next attempt"), null=True, blank=True, help_text=_("Empty: as soon as possible.")
    )
    held = models.BooleanField(
        _("held"),
        default=False,
        help_text=_("Nobody knows whether the chat has it; somebody must decide."),
    )
    deliver_at = models.DateTimeField(_("deliver at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    finished_at = models.DateTimeField(
        _("finished at"), null=True, blank=True, help_text=_("When the status became final.")
    )

    # NULL, not "": a unique column takes many of it.
    dedupe_key = models.CharField(  # noqa: DJ001
        _("dedupe key"), max_length=DEDUPE_KEY_CHARACTERS, null=True, blank=True
    )
    # MariaDB compares text without case by default: "Deploy-A" and "deploy-a" would be one key.
    dedupe_digest = models.CharField(  # noqa: DJ001 - as above
        max_length=64, null=True, blank=True, editable=False
    )
    resend_of = models.OneToOneField(
        "self",
        verbose_name=_("resend of"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="resent_as",
    )

    # NULL, not "": most messages have none, and it is looked for.
    route_group = models.CharField(  # noqa: DJ001
        max_length=32, null=True, blank=True, editable=False
    )
    fallback = models.CharField(
        _("fallback"),
        max_length=100,
        blank=True,
        help_text=_("The connection that gets the message if this one fails for good."),
    )
    fallback_room_id = models.CharField(max_length=100, blank=True, editable=False)
    fallback_of = models.OneToOneField(
        "self",
        verbose_name=_("fallback of"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="fell_back_as",
    )

    lease_token = models.CharField(max_length=32, blank=True, editable=False)
    attempt_started_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = OutboundMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        permissions = [
            ("resend_outboundmessage", "Can resend messages"),
            ("cancel_outboundmessage", "Can cancel messages"),
            ("send_outboundmessage", "Can send messages from the admin"),
        ]
        indexes = [
            # What is queued in a room, in order; also the walk from room to room.
            models.Index(fields=["status", "connection", "room_id", "id"], name="hipchat_queue"),
            models.Index(fields=["status", "finished_at"], name="hipchat_finished"),
            models.Index(fields=["created"], name="hipchat_created"),
            # Pages of the admin's list and of a room's transcript, in the order of writing.
            models.Index(fields=["status", "id"], name="hipchat_status"),
            models.Index(fields=["connection", "room_id", "id"], name="hipchat_transcript"),
            # Here and not at the columns, where PostgreSQL gets a second index for LIKE, which
            # each change of a message's status would have to write.
            models.Index(fields=["route_group"], name="hipchat_route_group"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["dedupe_digest"], name="hipchat_dedupe"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="hipchat_message_status"
            ),
            models.CheckConstraint(
                condition=Q(color__in=Color.values), name="hipchat_message_color"
            ),
            models.CheckConstraint(
                condition=Q(message_format__in=MessageFormat.values), name="hipchat_message_format"
            ),
            models.CheckConstraint(
                condition=Q(status__in=FINAL, finished_at__isnull=False, next_attempt_at=None)
                | (~Q(status__in=FINAL) & Q(finished_at=None)),
                name="hipchat_message_final",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.SENT, sent_at__isnull=False)
                | (~Q(status=Status.SENT) & Q(sent_at=None)),
                name="hipchat_message_sent",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=Status.SENDING, attempt_started_at__isnull=False) & ~Q(lease_token="")
                )
                | (~Q(status=Status.SENDING) & Q(lease_token="", attempt_started_at=None)),
                name="hipchat_message_sending",
            ),
            models.CheckConstraint(
                condition=Q(held=False) | Q(status=Status.QUEUED, next_attempt_at=None),
                name="hipchat_message_held",
            ),
            models.CheckConstraint(
                condition=Q(dedupe_key=None, dedupe_digest=None)
                | Q(dedupe_key__isnull=False, dedupe_digest__isnull=False),
                name="hipchat_message_dedupe",
            ),
        ]

    def __str__(self) -> str:
        text = gettext("%(number)s to %(room)s: %(status)s")
        status = self.get_status_display()
        return text % {"number": self.pk, "room": self.room_id, "status": status}

    def routed_together(self) -> OutboundMessageQuerySet:
        """Return all rows of the same call, which a route sent to several connections."""
        rows = OutboundMessage.objects.using(self._state.db)
        if self.route_group is None:
            return rows.filter(pk=self.pk)
        return rows.filter(route_group=self.route_group)

    @property
    def is_final(self) -> bool:
        """Has the message come to an end?"""
        return self.status in FINAL

    def as_message(self, limits: Limits) -> Message:
        """Return the value that backends deliver. Raise MessageError if it breaks ``limits``."""
        return Message(
            room_id=self.room_id,
            text=self.message,
            sender=self.sender,
            message_format=self.message_format,
            notify=self.notify,
            color=self.color,
            card=self.card,
            # Two sites, or one with a new database, may speak with one token: their ids are alike.
            key=f"djhipchat2-{self.pk}-{self.created:%Y%m%d%H%M%S%f}",
            limits=limits,
        )
