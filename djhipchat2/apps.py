"""The Django app."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, register
from django.utils.translation import gettext_lazy as _


class DjHipChat2Config(AppConfig):
    """The app, whichever of its two import names stands in ``INSTALLED_APPS``."""

    name = "djhipchat2"
    label = "djhipchat2"
    verbose_name = _("Chat messages")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register(check_settings)
        register(check_error_reports, deploy=True)


def check_settings(**options: Any) -> list[CheckMessage]:
    """Return what is wrong with the project's settings; see ``checks``."""
    from . import checks  # noqa: PLC0415 - loads what only those who send or check have need of

    return checks.check_settings(**options)


def check_error_reports(**options: Any) -> list[CheckMessage]:
    """Return whether error reports would show secrets; see ``checks``."""
    from .checks import error_reports  # noqa: PLC0415 - for the same reason

    return error_reports.check_error_reports(**options)
