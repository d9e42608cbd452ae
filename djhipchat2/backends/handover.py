"""What backends have in common that leave delivery to a task: the backend that the task uses."""

from __future__ import annotations

import logging
import re
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from ..message import Limits, Message
from .base import HipChatBackendBase, Result
from .loading import load_backend, load_class, takes_option

logger = logging.getLogger(__name__)

#: Kombu's words for a scheme of CELERY_BROKER_URL that it does not know.
_NO_TRANSPORT = re.compile(r"No such transport: [a-z0-9.+-]+", re.IGNORECASE)


class HandOverBackend(HipChatBackendBase):
    """
    Leave delivery to a task, which is told of a room and reads the rest from the outbox.

    The option ``backend``, by default a setting, names the backend that delivers; it gets the
    options that are not this backend's own.
    """

    by_task = True

    #: What runs the tasks, as error texts call it.
    runner: ClassVar[str]
    #: The setting that names the backend that delivers.
    setting: ClassVar[str]
    #: Options beside ``backend`` that the one that delivers does not get.
    own_options: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, alias: str | None = None, backend: str = "", **options: Any) -> None:
        self.option_names = ("backend", *options)  # type: ignore[misc]  # the inner one checks them
        given = {"backend": backend} if backend else {}
        super().__init__(alias=alias, **given, **options)
        path = backend or self.default_path()
        if not path:
            raise ImproperlyConfigured(self._missing())
        if _hands_over(path):
            message = (
                f"{self.setting} is the {self.runner.lower()} backend itself, or one that hands "
                f"over to a task, too: {path}. {self._missing()}"
            )
            raise ImproperlyConfigured(message)
        inner_options = {
            name: value for name, value in options.items() if name not in self.own_options
        }
        self._inner = load_backend(path, alias, inner_options)
        self.secret_options = self._inner.secret_options  # type: ignore[misc]
        self.knows_repeats = self._inner.knows_repeats  # type: ignore[misc]

    @classmethod
    @abstractmethod
    def default_path(cls) -> str:
        """Return the setting that names the backend that delivers."""

    @classmethod
    def takes(cls, option: str, others: Mapping[str, Any]) -> bool:
        if option in ("backend", *cls.own_options):
            return True
        path = others.get("backend") or cls.default_path()
        # A path that leads back here would be asked without end.
        return bool(path) and not _hands_over(path) and takes_option(path, option, others)

    @classmethod
    def _missing(cls) -> str:
        return (
            f"You need to specify {cls.setting}: the backend that the task delivers with, "
            "for example 'djhipchat2.backends.request.HipChatBackend'."
        )

    @property
    def limits(self) -> Limits:
        return self._inner.limits

    @property
    def time_limit(self) -> float:
        return self._inner.time_limit

    def require_settings(self) -> None:
        self._inner.require_settings()

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        return self._inner.deliver(message, timeout=timeout)

    def announce(self, connection: str, room_id: str, *, delay: float = 0) -> bool:
        # Trouble here must not fail the caller, whose row is committed: a flush or the next
        # message of the room delivers it.
        try:
            self.hand_over(connection, room_id, delay=delay)
        except Exception as error:  # noqa: BLE001 - each broker library raises its own
            logger.warning(
                "%s was not told of the connection %s, room %s (%s). The messages are queued; "
                "manage.py hipchat_flush_outbox delivers them.",
                self.runner,
                connection,
                room_id,
                _gist(error),
            )
            return False
        return True

    @abstractmethod
    def hand_over(self, connection: str, room_id: str, *, delay: float) -> None:
        """Have a task deliver a room in so many seconds; raise whatever keeps it from that."""

    def check(self) -> list[CheckMessage]:
        return [*self.check_runner(), *self._inner.check()]

    @abstractmethod
    def check_runner(self) -> list[CheckMessage]:
        """Return what system checks should say about what runs the task."""

    def close(self) -> None:
        self._inner.close()


def _hands_over(path: str) -> bool:
    """Return whether the backend at a path leaves delivery to a task as well."""
    backend_class = load_class(path)
    return issubclass(backend_class, HipChatBackendBase) and backend_class.by_task


def _gist(error: Exception) -> str:
    """
    Return the name of an error, and the module or the broker's scheme that it misses.

    No more of its words: the address of a broker has a password in it.
    """
    name = type(error).__name__
    if isinstance(error, ImportError) and error.name:
        return f"{name}: {error.name}"
    scheme = _NO_TRANSPORT.match(str(error.args[0])) if error.args else None
    return f"{name}: {scheme[0]}" if scheme else name
