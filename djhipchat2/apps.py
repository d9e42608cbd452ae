"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register
from django.utils.translation import gettext_lazy as _


class DjHipChat2Config(AppConfig):
    """The app, whichever of its two import names stands in ``INSTALLED_APPS``."""

    name = "djhipchat2"
    label = "djhipchat2"
    verbose_name = _("Chat messages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .checks import check_settings  # noqa: PLC0415 - reads settings, which apps follow

        register(check_settings)
