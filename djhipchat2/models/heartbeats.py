"""Signs of life of those who deliver."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..states import Trigger


class Heartbeat(models.Model):
    """
    When workers of a kind, on a host, were last at work: so that "nobody flushes" can be told.

    One row for each kind and host, whatever processes come and go there.
    """

    kind = models.CharField(_("kind"), max_length=9, choices=Trigger)
    host = models.CharField(_("host"), max_length=100)
    worker = models.CharField(_("worker"), max_length=100)
    seen_at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        constraints = [
            models.UniqueConstraint(fields=["kind", "host"], name="hipchat_heartbeat"),
            models.CheckConstraint(
                condition=Q(kind__in=Trigger.values), name="hipchat_heartbeat_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.host}"
