"""System checks of the settings; each says what to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from .conf import KNOWN, settings, unknown_settings
from .connections import connections
from .exceptions import MessageError
from .message import Message
from .routing import check_routes

EXAMPLE = "djhipchat2.backends.request.HipChatBackend"


def check_settings(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong with the project's ``HIPCHAT_`` settings."""
    wrong_values = _check_values()
    if wrong_values:
        return [*_check_names(), *wrong_values]
    return [*_check_names(), *_check_connections(), *_check_routes(), *_check_sender()]


def _check_names() -> list[CheckMessage]:
    return [
        Warning(
            f"There is no setting {name}.",
            hint=f"Do you mean {nearest}?" if nearest else f"Known are {', '.join(sorted(KNOWN))}.",
            id="djhipchat2.W003",
        )
        for name, nearest in unknown_settings().items()
    ]


def _check_values() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for name, attribute in KNOWN.items():
        try:
            getattr(settings, attribute)
        except ImproperlyConfigured as error:
            hint = f"Correct {name} in your settings."
            found.append(Error(str(error), hint=hint, id="djhipchat2.E005"))
    return found


def _check_connections() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for alias in connections.aliases():
        try:
            found.extend(connections[alias].check())
        except ImproperlyConfigured as error:
            hint = _how_to_correct(alias, str(error))
            found.append(Error(str(error), hint=hint, id="djhipchat2.E006"))
    return found


def _check_routes() -> list[CheckMessage]:
    hint = (
        "Set HIPCHAT_ROUTES = {'Ops': ['default'], 'deploy-*': {'to': [...], 'fallback': '...'}}."
    )
    return [
        Error(trouble, hint=hint, id="djhipchat2.E010")
        for trouble in check_routes(connections.aliases())
    ]


def _how_to_correct(alias: str, trouble: str) -> str:
    """Return what to type for a connection that has no usable backend."""
    for setting in ("HIPCHAT_CELERY_BACKEND", "HIPCHAT_TASKS_BACKEND"):
        if setting in trouble:
            return f"Set {setting} = '{EXAMPLE}'."
    if alias in settings.connections:
        example = f"{{'BACKEND': '{EXAMPLE}', 'OPTIONS': {{'api_version': 2}}}}"
        return f"Correct HIPCHAT_CONNECTIONS[{alias!r}]; right is, for example, {example}."
    return f"Set HIPCHAT_BACKEND = '{EXAMPLE}'."


def _check_sender() -> list[CheckMessage]:
    for alias in connections.aliases():
        try:
            limits = connections[alias].limits
            Message(room_id="x", text="x", sender=settings.default_sender, limits=limits)
        except ImproperlyConfigured:
            continue  # told by _check_connections
        except MessageError as error:
            return [
                Error(
                    f"HIPCHAT_DEFAULT_SENDER cannot be used with the connection {alias!r}: {error}",
                    hint="Set HIPCHAT_DEFAULT_SENDER to a name of 15 characters at most.",
                    id="djhipchat2.E007",
                )
            ]
    return []
