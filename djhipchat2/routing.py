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
from .connections import ALIAS_CHARACTERS, DEFAULT
from .exceptions import MessageError, shortened
from .message import V2
from .validity import check_room

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
        if not str(name).strip():
            yield f"HIPCHAT_ROUTES has {name!r} for a room; name one, or write '*' for all others."
            continue
        try:
            aimed = list(_targets(str(name), route, "room"))
        except ImproperlyConfigured as error:
            yield str(error)
            continue
        if isinstance(route, Mapping) and route.get("fallback") and not _falls_back(aimed):
            yield (
                f"HIPCHAT_ROUTES[{name!r}]['fallback'] is the connection that 'to' names, by which "
                f"the message has failed then; name another one, or remove it."
            )
        named = {t.connection for t in aimed} | {t.fallback for t in aimed if t.fallback}
        for alias in sorted(named - set(known)):
            yield (
                f"HIPCHAT_ROUTES[{name!r}] names the connection {alias!r}, which does not exist; "
                f"known are {', '.join(known)}."
            )


def _falls_back(aimed: list[Target]) -> bool:
    return any(target.fallback for target in aimed)


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
        remedy = f"remove {', '.join(unknown)}" if unknown else "add 'to'"
        message = f"{where} needs 'to', and may have 'fallback'; {remedy}."
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
        for alias, room in value.items():
            _require_alias(where, alias)
            _require_room(f"{where}[{alias!r}]", room)
        return dict(value)
    if isinstance(value, list | tuple):
        for alias in value:
            _require_alias(where, alias)
        return dict.fromkeys(value, room_id)
    message = (
        f"{where} is of type {type(value).__name__}; set it to a connection, a list of "
        f"connections, or a dictionary of rooms by connection."
    )
    raise ImproperlyConfigured(message)


def _require_alias(where: str, alias: Any) -> None:
    if not isinstance(alias, str) or not 1 <= len(alias) <= ALIAS_CHARACTERS:
        message = (
            f"{where} has {shortened(alias)} for a connection; name one by its alias, a string of "
            f"1 to {ALIAS_CHARACTERS} characters. Rooms by connection are a dictionary, "
            f"{{'slack': '#ops'}}."
        )
        raise ImproperlyConfigured(message)


def _require_room(where: str, room: Any) -> None:
    if not isinstance(room, str | int) or isinstance(room, bool):
        message = f"{where} is {shortened(room)}; set it to the room's id or name there, a string."
        raise ImproperlyConfigured(message)
    try:
        check_room(str(room).strip(), V2)
    except MessageError as error:
        message = f"{where} is {shortened(room)}, which {error.limit}"
        raise ImproperlyConfigured(message) from None
