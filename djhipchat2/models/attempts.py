"""Attempts to deliver a message."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..states import Outcome, Trigger
from .messages import OutboundMessage

ERROR_CHARACTERS = 1_000


class DeliveryAttempt(models.Model):
    """One try to deliver a message, written when its outcome is known."""

    message = models.ForeignKey(
        OutboundMessage,
        verbose_name=_("message"),
        on_delete=models.CASCADE,
        related_name="delivery_attempts",
    )
    number = models.PositiveSmallIntegerField(_("number"))
    counted = models.BooleanField(
        _("counted"), default=True, help_text=_("Did it use up one of the message's attempts?")
    )
    trigger = models.CharField(_("trigger"), max_length=9, choices=Trigger)
    worker = models.CharField(_("worker"), max_length=100)
    started_at = models.DateTimeField(_("started at"))
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome)
    error = models.TextField(_("error"), blank=True)
    answer = models.TextField(
        _("answer"), blank=True, help_text=_("Beginning of the server's answer.")
    )
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery attempt")
        verbose_name_plural = _("delivery attempts")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="hipchat_attempt_outcome"
            ),
            models.CheckConstraint(
                condition=Q(trigger__in=Trigger.values), name="hipchat_attempt_trigger"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.get_outcome_display()}"
