"""System checks of the settings; each says what to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning
from django.core.exceptions import ImproperlyConfigured

from ..conf import KNOWN, settings, unknown_settings
from ..connections import connections
from ..exceptions import MessageError
from ..message import Limits, Message
from ..routing import check_routes
from .hints import remedy
from .outbox import check_aliases, check_database


def check_settings(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Return what is wrong with the project's ``HIPCHAT_`` settings and the outbox's database."""
    found = [*_check_names(), *check_database()]
    wrong_values = _check_values()
    if wrong_values:
        return [*found, *wrong_values]
    return [
        *found,
        *check_aliases(connections.aliases()),
        *_check_connections(),
        *_check_routes(),
        *_check_sender(),
    ]


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
            hint = remedy(alias, str(error))
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
                    hint=_sender_hint(settings.default_sender, limits),
                    id="djhipchat2.E007",
                )
            ]
    return []


def _sender_hint(sender: str, limits: Limits) -> str:
    if len(sender) > limits.sender_max:
        return f"Set HIPCHAT_DEFAULT_SENDER to a name of {limits.sender_max} characters at most."
    return "Remove those characters from HIPCHAT_DEFAULT_SENDER."
