"""From a dotted path to a backend."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .base import HipChatBackendBase
from .legacy import LegacyBackend


def load_class(path: str) -> type:
    """Return the class at a dotted path. Raise ImproperlyConfigured if there is none."""
    is_path = isinstance(path, str) and all(part.isidentifier() for part in path.split("."))
    module_name, _, class_name = path.rpartition(".") if is_path else ("", "", "")
    if not module_name:
        message = (
            f"{path!r} is no dotted path of a HipChat backend, such as "
            f"'djhipchat2.backends.request.HipChatBackend'."
        )
        raise ImproperlyConfigured(message)
    try:
        module = import_module(module_name)
    except ImportError as error:
        message = f'Error importing HipChat backend module {module_name}: "{error}"'
        raise ImproperlyConfigured(message) from error
    found = getattr(module, class_name, None)
    if not isinstance(found, type):
        message = f'Module "{module_name}" does not define a "{class_name}" class'
        raise ImproperlyConfigured(message)
    return found


def load_backend(path: str, alias: str | None, options: dict[str, Any]) -> HipChatBackendBase:
    """
    Return a backend.

    A class with a ``send_message()`` of its own and no ``deliver()`` is a custom backend of the
    2013 kind; it is adapted. Raise ImproperlyConfigured for a path or an option that is wrong.
    """
    backend_class = load_class(path)
    if issubclass(backend_class, HipChatBackendBase):
        if backend_class.deliver is not HipChatBackendBase.deliver:
            return backend_class(alias=alias, **options)
        if backend_class.send_message is HipChatBackendBase.send_message:
            message = f"The backend {path} implements neither deliver() nor send_message()."
            raise ImproperlyConfigured(message)
    elif not callable(getattr(backend_class, "send_message", None)):
        message = f"{path} is not a HipChat backend: it has no send_message()."
        raise ImproperlyConfigured(message)
    return LegacyBackend(backend_class, path, alias, options)


def takes_option(path: str, option: str, others: Mapping[str, Any]) -> bool:
    """Return whether the backend at a path has an option, given the others."""
    backend_class = load_class(path)
    return issubclass(backend_class, HipChatBackendBase) and backend_class.takes(option, others)
