"""
Which connections a room's messages go to (``HIPCHAT_ROUTES``).

Routes are about what is sent without naming a connection. A room's own name wins over patterns,
and of patterns the first that fits; a room without a route goes to the connection ``default``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from .conf import settings
from .connections import DEFAULT

_KEYS = {"to", "fallback"}


@dataclass(frozen=True)
class Target:
    """A connection that a message goes to, and the room there."""

    connection: str
    room_id: str | int
    fallback: str = ""
    """The connection that gets the message if this one fails for good; empty: none."""
    fallback_room_id: str = ""


def targets(
    using: str, room_id: str | int, routes: Mapping[str, Any] | None = None
) -> list[Target]:
    """
    Return where a message to a room goes: to at least one connection, and each only once.

    ``routes`` are the settings' for who has read them before. Raise ImproperlyConfigured for a
    route that is wrong.
    """
    if using != DEFAULT:
        return [Target(using, room_id)]
    if routes is None:
        routes = settings.routes
    found = _route_of(routes, str(room_id).strip()) if routes else None
    if found is None:
        return [Target(using, room_id)]
    name, route = found
    return list(_targets(name, route, room_id))


def check_routes(known: list[str]) -> Iterator[str]:
    """Yield what is wrong with the project's routes; ``known`` are the connections there are."""
    for name, route in settings.routes.items():
        try:
            aimed = list(_targets(str(name), route, "room"))
        except ImproperlyConfigured as error:
            yield str(error)
            continue
        named = {t.connection for t in aimed} | {t.fallback for t in aimed if t.fallback}
        for alias in sorted(named - set(known)):
            yield (
                f"HIPCHAT_ROUTES[{name!r}] names the connection {alias!r}, which does not exist; "
                f"known are {', '.join(known)}."
            )


def _route_of(routes: Mapping[str, Any], room: str) -> tuple[str, Any] | None:
    if room in routes:
        return room, routes[room]
    folded = room.casefold()
    for pattern, route in routes.items():
        if fnmatchcase(folded, str(pattern).casefold()):
            return str(pattern), route
    return None


def _targets(name: str, route: Any, room_id: str | int) -> Iterator[Target]:
    where = f"HIPCHAT_ROUTES[{name!r}]"
    if not isinstance(route, Mapping):
        route = {"to": route}
    unknown = sorted(str(key) for key in set(route) - _KEYS)
    if unknown or "to" not in route:
        message = (
            f"{where} needs 'to', and may have 'fallback'; not {', '.join(unknown) or 'less'}."
        )
        raise ImproperlyConfigured(message)
    aimed = _aims(f"{where}['to']", route["to"], room_id)
    if not aimed:
        message = f"{where}['to'] names no connection; name one or more."
        raise ImproperlyConfigured(message)
    fallbacks = _aims(f"{where}['fallback']", route.get("fallback") or [], room_id)
    if len(fallbacks) > 1:
        message = f"{where}['fallback'] names {len(fallbacks)} connections; name one."
        raise ImproperlyConfigured(message)
    fallback, fallback_room = next(iter(fallbacks.items()), ("", ""))
    for alias, room in aimed.items():
        # What fails is not sent the same way once more.
        if alias == fallback:
            yield Target(alias, room)
        else:
            yield Target(alias, room, fallback, str(fallback_room))


def _aims(where: str, value: Any, room_id: str | int) -> dict[str, str | int]:
    """Return rooms by connection, of an alias, a list of them, or a mapping to rooms there."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Mapping):
        aims = dict(value)
    elif isinstance(value, list | tuple):
        aims = dict.fromkeys(value, room_id)
    else:
        message = (
            f"{where} is a {type(value).__name__}; set it to a connection, a list of connections, "
            f"or a dictionary of rooms by connection."
        )
        raise ImproperlyConfigured(message)
    for alias, room in aims.items():
        if not isinstance(alias, str) or not isinstance(room, str | int):
            message = f"{where} has {alias!r}: {room!r}; connections and rooms are strings."
            raise ImproperlyConfigured(message)
    return aims
