"""
The settings, read at the moment of use and nowhere else.

Each property of ``Settings`` is one setting: its name is ``HIPCHAT_`` plus the property's name in
capitals. A value of the wrong kind raises Django's ``ImproperlyConfigured`` with the remedy; the
system checks (``checks.py``) read every property once at start-up and say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured

from .states import OnUnknown
from .values import RETRY_CHECKS, checked_choice, checked_number, checked_version

PREFIX = "HIPCHAT_"
#: Where HipChat's cloud answered until February 2019.
CLOSED_CLOUD_URL = "https://api.hipchat.com"


def _given(name: str, default: Any) -> Any:
    value = getattr(django_settings, name, None)
    return default if value is None else value


def _number(name: str, default: float, *, minimum: float, unit: str) -> float:
    return checked_number(name, _given(name, default), minimum=minimum, unit=unit)


def _text(name: str, default: str) -> str:
    value = _given(name, default)
    if not isinstance(value, str):
        message = f"{name} is of type {type(value).__name__}; set it to a string."
        raise ImproperlyConfigured(message)
    return value.strip()


def _mapping(name: str) -> Mapping[str, Any]:
    value = _given(name, {})
    if not isinstance(value, Mapping):
        message = f"{name} is of type {type(value).__name__}; set it to a dictionary."
        raise ImproperlyConfigured(message)
    return value


class Settings:
    """The project's ``HIPCHAT_*`` settings. Nothing is cached: tests can override them."""

    @property
    def backend(self) -> str:
        """Dotted path of the backend of the connection ``default``."""
        return _text("HIPCHAT_BACKEND", "djhipchat2.backends.locmem.HipChatBackend")

    @property
    def api_token(self) -> str:
        """Token that the chat server knows us by. Required by the ``request`` backend."""
        return _text("HIPCHAT_API_TOKEN", "")

    @property
    def default_sender(self) -> str:
        """Sender of messages that name none."""
        return _text("HIPCHAT_DEFAULT_SENDER", "") or "Django"

    @property
    def celery_backend(self) -> str:
        """Dotted path of the backend that the Celery task delivers with. No default."""
        return _text("HIPCHAT_CELERY_BACKEND", "")

    @property
    def broker_timeout(self) -> float:
        """Seconds that each wait for Celery's broker may take when a message is announced."""
        return _number("HIPCHAT_BROKER_TIMEOUT", 2, minimum=0.1, unit="seconds")

    @property
    def tasks_backend(self) -> str:
        """Dotted path of the backend that Django's task delivers with. No default."""
        return _text("HIPCHAT_TASKS_BACKEND", "")

    @property
    def tasks_alias(self) -> str:
        """Key of ``TASKS`` whose backend gets the task."""
        return _text("HIPCHAT_TASKS_ALIAS", "") or "default"

    @property
    def tasks_queue(self) -> str:
        """Queue that the task is put into, one of that backend's ``QUEUES``."""
        return _text("HIPCHAT_TASKS_QUEUE", "") or "default"

    @property
    def api_url(self) -> str:
        """Address of the HipChat server, up to but without ``/v1`` or ``/v2``."""
        return _text("HIPCHAT_API_URL", CLOSED_CLOUD_URL)

    @property
    def api_version(self) -> int:
        """Version of HipChat's API to speak: 1 (default) or 2."""
        return checked_version("HIPCHAT_API_VERSION", _given("HIPCHAT_API_VERSION", 1))

    @property
    def timeout(self) -> float:
        """Seconds that one attempt may take, from connecting to the end of the chat's answer."""
        return _number("HIPCHAT_TIMEOUT", 10, minimum=0.1, unit="seconds")

    @property
    def ca_bundle(self) -> str:
        """File or folder of the certificates to trust; empty: those that ``requests`` trusts."""
        return _text("HIPCHAT_CA_BUNDLE", "")

    @property
    def proxies(self) -> Mapping[str, str]:
        """Proxy address by scheme; empty: what the environment says (``HTTPS_PROXY``)."""
        return _mapping("HIPCHAT_PROXIES")

    @property
    def connections(self) -> Mapping[str, Any]:
        """
        More ways out: alias to ``{"BACKEND": dotted path, "OPTIONS": {...}, "RETRY": {...}}``.

        ``RETRY`` has ``max_attempts``, ``backoff_base``, ``backoff_cap`` and ``on_unknown``, each
        by default the setting of the same name.
        """
        return _mapping("HIPCHAT_CONNECTIONS")

    @property
    def routes(self) -> Mapping[str, Any]:
        """
        Connections by room, or by pattern of rooms: an alias, a list of them, or a dictionary.

        ``{"to": ..., "fallback": alias}``, where ``to`` may give each connection's own name of the
        room: ``{"slack": "#ops", "matrix": "#ops:example.org"}``.
        """
        return _mapping("HIPCHAT_ROUTES")

    @property
    def options(self) -> Mapping[str, Any]:
        """Options of the connection ``default``: those of its backend."""
        return _mapping("HIPCHAT_OPTIONS")

    @property
    def max_attempts(self) -> int:
        """Attempts after which a message is failed for good."""
        value = _given("HIPCHAT_MAX_ATTEMPTS", 10)
        return int(RETRY_CHECKS["max_attempts"]("HIPCHAT_MAX_ATTEMPTS", value))

    @property
    def backoff_base(self) -> float:
        """Most seconds to wait after the first failed attempt; doubled after each further one."""
        return _number("HIPCHAT_BACKOFF_BASE", 10, minimum=0, unit="seconds")

    @property
    def backoff_cap(self) -> float:
        """Seconds that no wait between two attempts exceeds."""
        return _number("HIPCHAT_BACKOFF_CAP", 3600, minimum=0, unit="seconds")

    @property
    def on_unknown(self) -> str:
        """
        What follows when an answer was lost, so that nobody knows whether the chat has a message.

        ``"retry"`` (default) may send it twice; ``"hold"`` leaves it to somebody in the admin.
        """
        default = OnUnknown.RETRY.value
        return checked_choice(
            "HIPCHAT_ON_UNKNOWN", _given("HIPCHAT_ON_UNKNOWN", default), OnUnknown.values
        )

    @property
    def threads(self) -> int:
        """
        Threads that a flush sends with at most, each in a room of its own.

        It uses as many of them as the chat's pace asks for.
        """
        return int(_number("HIPCHAT_THREADS", 64, minimum=1, unit="threads"))

    @property
    def lease_seconds(self) -> float:
        """Seconds after which a room is taken over from a worker that has gone silent."""
        return _number("HIPCHAT_LEASE_SECONDS", 60, minimum=1, unit="seconds")

    @property
    def log_queue_size(self) -> int:
        """Log records that may wait in memory to be written to the outbox; more are dropped."""
        return int(_number("HIPCHAT_LOG_QUEUE_SIZE", 10_000, minimum=1, unit="records"))


settings = Settings()

#: Every setting by its full name, with the property that reads it.
KNOWN = {
    PREFIX + name.upper(): name
    for name, member in vars(Settings).items()
    if isinstance(member, property)
}


def unknown_settings() -> dict[str, str | None]:
    """Return the project's ``HIPCHAT_`` settings that do not exist, with the nearest that does."""
    names = [name for name in dir(django_settings) if name.startswith(PREFIX)]
    return {name: _nearest(name) for name in sorted(names) if name not in KNOWN}


def exception_reporter_filter() -> str:
    """Return the dotted path of what keeps secrets out of Django's error reports."""
    return django_settings.DEFAULT_EXCEPTION_REPORTER_FILTER


def _nearest(name: str) -> str | None:
    # Without the prefix, which makes all of them look alike.
    known = {full.removeprefix(PREFIX): full for full in KNOWN}
    matches = get_close_matches(name.removeprefix(PREFIX), known, n=1)
    return known[matches[0]] if matches else None
