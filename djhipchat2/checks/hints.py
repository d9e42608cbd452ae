"""What to type for a connection that has no usable backend."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pkgutil import iter_modules
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .. import backends
from ..backends.handover import HandOverBackend
from ..backends.loading import load_class
from ..conf import settings
from ..connections import DEFAULT, canonical_path

EXAMPLE = "djhipchat2.backends.request.HipChatBackend"
_ENTRY = f"{{'BACKEND': '{EXAMPLE}', 'OPTIONS': {{'api_version': 2}}}}"


def remedy(alias: str, trouble: str) -> str:
    """Return what to correct; ``trouble`` is the error of making the connection's backend."""
    for setting in ("HIPCHAT_CELERY_BACKEND", "HIPCHAT_TASKS_BACKEND"):
        if setting in trouble:
            return f"Set {setting} = '{EXAMPLE}'."
    entry = settings.connections.get(alias)
    if entry is not None:
        return _of_entry(f"HIPCHAT_CONNECTIONS[{alias!r}]", entry)
    if _class_at(settings.backend) is None:
        return f"Set HIPCHAT_BACKEND = '{_nearest(settings.backend)}'."
    if inner := _inner_remedy(settings.backend, settings.options):
        return inner
    if alias == DEFAULT:
        return "Correct HIPCHAT_OPTIONS; the message says what the backend takes."
    return (
        "Correct the options that its HipChatHandler in LOGGING, or get_backend(), is given; the "
        "message says what the backend takes."
    )


def _of_entry(where: str, entry: Any) -> str:
    path = entry.get("BACKEND") if isinstance(entry, Mapping) else None
    if not isinstance(path, str):
        return f"Correct {where}; right is, for example, {_ENTRY}."
    if _class_at(path) is None:
        return f"Set {where}['BACKEND'] to '{_nearest(path)}', for example."
    options = entry.get("OPTIONS")
    if inner := _inner_remedy(path, options if isinstance(options, Mapping) else {}):
        return inner
    return f"Correct {where}; the message says what it takes."


def _inner_remedy(path: str, options: Mapping[str, Any]) -> str:
    """Return what to set if what is wrong is the path of the backend that a task delivers with."""
    outer = _class_at(path)
    if outer is None or not issubclass(outer, HandOverBackend) or options.get("backend"):
        return ""
    inner = outer.default_path()
    return "" if _class_at(inner) else f"Set {outer.setting} = '{_nearest(inner)}'."


def _class_at(path: str) -> type | None:
    """Return the backend at a path; None if there is none, so that its options are not to blame."""
    try:
        found = load_class(canonical_path(path))
    except ImproperlyConfigured:
        return None
    return found if hasattr(found, "send_message") else None


def _nearest(path: str) -> str:
    """Return the path of the backend that is most likely meant."""
    module, _, name = path.rpartition(".")
    wanted = module.rpartition(".")[2] or name
    known = [found.name for found in iter_modules(backends.__path__)]
    for match in get_close_matches(wanted, known, n=3):
        found = f"{backends.__name__}.{match}.HipChatBackend"
        if _class_at(found) is not None:
            return found
    return EXAMPLE
