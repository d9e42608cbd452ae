"""
From an alias to a backend.

An alias is, in this order: a key of ``HIPCHAT_CONNECTIONS``; ``default``, made from the flat
settings and ``HIPCHAT_OPTIONS``; a connection registered in this process (a logging handler's own
token); the dotted path of a backend, with the flat settings as its options.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .backends.base import HipChatBackendBase
from .backends.loading import load_backend, load_class, takes_option
from .conf import settings
from .exceptions import ConnectionUnknown
from .forks import after_fork
from .values import checked_retry

DEFAULT = "default"
ALIAS_CHARACTERS = 100

_KEYS = {"BACKEND", "OPTIONS", "RETRY"}
#: The 2013 import name of the modules of this package.
_OLD_NAME, _NEW_NAME = "djhipchat.", "djhipchat2."


def canonical_path(path: str) -> str:
    """Return a backend's path under the package's own name."""
    is_old = isinstance(path, str) and path.startswith(_OLD_NAME)
    return _NEW_NAME + path.removeprefix(_OLD_NAME) if is_old else path


class ConnectionHandler:
    """The project's connections. A thread has its own backends, since each keeps HTTP sessions."""

    def __init__(self) -> None:
        self._registered: dict[str, tuple[str, dict[str, Any]]] = {}
        self._local = threading.local()
        after_fork(self._forget)

    def _forget(self) -> None:
        # A forked worker must not speak on its parent's sockets: their answers would mix.
        self._local = threading.local()

    def aliases(self) -> list[str]:
        """Return the aliases that this process knows by configuration or registration."""
        return [*dict.fromkeys([DEFAULT, *settings.connections, *self._registered])]

    def register(self, path: str = "", **options: Any) -> str:
        """
        Make a connection of this process and return its alias.

        ``path`` is a backend's; empty: whatever ``default`` uses, with those of the options that
        it takes (``locmem`` has no use for a token). The alias is a fingerprint of path and
        options, so every process with the same configuration arrives at the same one, and it
        tells nothing about a token in them.
        """
        path = canonical_path(path)
        content = repr((path, sorted(options.items())))
        digest = hashlib.sha256(f"djhipchat2 connection {content}".encode()).hexdigest()
        alias = f"options-{digest[:16]}"
        self._registered[alias] = (path, options)
        return alias

    def __getitem__(self, alias: str) -> HipChatBackendBase:
        """
        Return this thread's backend of a connection.

        Raise ConnectionUnknown for an alias without configuration, ImproperlyConfigured for a
        wrong one.
        """
        path, options = self._configuration(alias)
        # Backends that hand over to a task depend on a setting beside their options.
        wanted = (path, options, settings.celery_backend, settings.tasks_backend)
        made_for, backend = self._cache.get(alias, (None, None))
        if backend is not None:
            if made_for == wanted:
                return backend
            backend.close()
        backend = load_backend(path, alias, options)
        self._cache[alias] = (wanted, backend)
        return backend

    def knows(self, alias: str) -> bool:
        """Return whether something here has this alias, be its settings right or wrong."""
        if alias in self.aliases():
            return True
        try:
            load_class(canonical_path(alias))
        except ImproperlyConfigured:
            return False
        return True

    def can_use(self, alias: str) -> bool:
        """Return whether this process can send through a connection."""
        return not self.trouble(alias)

    def trouble(self, alias: str, paths: Iterable[str] = ()) -> str:
        """
        Return what keeps this process from sending through a connection; empty if nothing does.

        ``paths`` are those of ``require_same_way()``.
        """
        try:
            self[alias].require_settings()
            self.require_same_way(alias, paths)
        except ConnectionUnknown as error:
            return str(error)
        except ImproperlyConfigured as error:
            return str(error)
        return ""

    def require_same_way(self, alias: str, paths: Iterable[str]) -> None:
        """
        Raise ImproperlyConfigured if messages for a chat would end in this process.

        ``paths`` are those of the backends that the messages were written for. A flush with the
        settings of a test or of a developer's machine has another backend under the same alias.
        """
        backend = self[alias]
        if not backend.at_once:
            return
        for path in sorted(set(paths)):
            if path and not _stays_here(path):
                message = (
                    f"its messages were written for {path}, and the connection is {backend.path} "
                    f"here, which sends them nowhere. Set DJANGO_SETTINGS_MODULE to the settings "
                    f"of the site; or cancel them."
                )
                raise ImproperlyConfigured(message)

    @property
    def _cache(self) -> dict[str, tuple[Any, HipChatBackendBase]]:
        return self._local.__dict__

    def alias_of(self, backend: HipChatBackendBase) -> str:
        """Return the alias that rebuilds a backend which was made without one."""
        if backend.alias is not None:
            return backend.alias
        if backend.options:
            return self.register(backend.path, **backend.options)
        if backend.path == canonical_path(settings.backend):
            return DEFAULT
        return (
            backend.path if len(backend.path) <= ALIAS_CHARACTERS else self.register(backend.path)
        )

    def retry_options(self, alias: str) -> Mapping[str, Any]:
        """
        Return what a connection says of its own about retries (``RETRY``); empty if nothing.

        Raise ImproperlyConfigured for a key or a value that is wrong.
        """
        configuration = settings.connections.get(alias)
        if not isinstance(configuration, Mapping) or not configuration.get("RETRY"):
            return {}
        return checked_retry(f"HIPCHAT_CONNECTIONS[{alias!r}]['RETRY']", configuration["RETRY"])

    def close(self) -> None:
        """Close this thread's connections."""
        for _, backend in self._cache.values():
            backend.close()
        self._cache.clear()

    def _configuration(self, alias: str) -> tuple[str, dict[str, Any]]:
        configured = settings.connections
        if alias in configured:
            return _read(alias, configured[alias])
        if alias == DEFAULT:
            return canonical_path(settings.backend), dict(settings.options)
        if alias in self._registered:
            path, options = self._registered[alias]
            if path:
                return path, options
            default_path, default_options = self._configuration(DEFAULT)
            taken = {
                name: value
                for name, value in options.items()
                if takes_option(default_path, name, default_options)
            }
            return default_path, {**default_options, **taken}
        if isinstance(alias, str) and "." in alias:
            return canonical_path(alias), {}
        raise ConnectionUnknown(alias, self.aliases())


def _stays_here(path: str) -> bool:
    """Return whether the backend at a path delivers within this process."""
    try:
        return bool(getattr(load_class(canonical_path(path)), "at_once", False))
    except ImproperlyConfigured:
        return False  # it was another site's


def _read(alias: str, configuration: Any) -> tuple[str, dict[str, Any]]:
    """Return path and options of an entry of HIPCHAT_CONNECTIONS."""
    where = f"HIPCHAT_CONNECTIONS[{alias!r}]"
    if not isinstance(alias, str) or not 1 <= len(alias) <= ALIAS_CHARACTERS:
        message = f"{where}: an alias is a string of 1 to {ALIAS_CHARACTERS} characters."
        raise ImproperlyConfigured(message)
    if not isinstance(configuration, Mapping) or not isinstance(configuration.get("BACKEND"), str):
        message = (
            f"{where} needs a BACKEND: set it to {{'BACKEND': 'dotted.path', 'OPTIONS': {{}}}}."
        )
        raise ImproperlyConfigured(message)
    unknown = sorted(str(key) for key in set(configuration) - _KEYS)
    if unknown:
        message = f"{where} has unknown keys {', '.join(unknown)}; use BACKEND, OPTIONS and RETRY."
        raise ImproperlyConfigured(message)
    checked_retry(f"{where}['RETRY']", configuration.get("RETRY", {}))
    options = configuration.get("OPTIONS", {})
    if not isinstance(options, Mapping):
        message = f"{where}['OPTIONS'] is of type {type(options).__name__}; set it to a dictionary."
        raise ImproperlyConfigured(message)
    return canonical_path(configuration["BACKEND"]), dict(options)


connections = ConnectionHandler()
