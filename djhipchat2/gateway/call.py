"""
A request to HipChat's API: which method it calls, with which token, for which room.

Sources: hipchat.com/docs/api/method/rooms/message and hipchat.com/docs/api/auth (v1);
developer.atlassian.com/server/hipchat, "Sending messages" and "HipChat REST API" (v2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import unquote

from .content import Content, Pairs, read_content, read_pairs

TRUE_WORDS = ("1", "true")


class Action(Enum):
    """What a request asks for."""

    NOTIFY = "notify"
    """v1 ``rooms/message``, v2 ``room/{id or name}/notification``."""
    SHOW_ROOM = "show room"
    """v2 ``room/{id or name}``: HypChat and hiplogging call it before they send."""
    LIST_ROOMS = "list rooms"
    """v1 ``rooms/list``: hipchat-notif tests its token with it."""
    UNKNOWN = "unknown"


METHODS = {
    Action.NOTIFY: ("POST",),
    Action.SHOW_ROOM: ("GET", "HEAD"),
    Action.LIST_ROOMS: ("GET", "HEAD"),
}
#: v1 takes its message by GET, too; django-hipchat sends all parameters in the query.
V1_NOTIFY_METHODS = ("POST", "GET")

# Room names may contain slashes: hippy-chat does not encode them. What stands before the version
# is a prefix of the gateway's own address.
_PATHS = (
    (1, Action.NOTIFY, re.compile(r"(?P<prefix>.*?)/v1/rooms/message/?", re.DOTALL)),
    (1, Action.LIST_ROOMS, re.compile(r"(?P<prefix>.*?)/v1/rooms/list/?", re.DOTALL)),
    (2, Action.NOTIFY, re.compile(r"(?P<prefix>.*?)/v2/room/(?P<room>.+)/notification", re.DOTALL)),
    (2, Action.SHOW_ROOM, re.compile(r"(?P<prefix>.*?)/v2/room/(?P<room>.+?)/?", re.DOTALL)),
    (1, Action.UNKNOWN, re.compile(r"(?P<prefix>.*?)/v1(/.*)?", re.DOTALL)),
    (2, Action.UNKNOWN, re.compile(r"(?P<prefix>.*?)/v2(/.*)?", re.DOTALL)),
)


@dataclass(frozen=True)
class Call:
    """A request, read; nothing in it has been validated yet."""

    version: int
    """1 or 2."""
    action: Action
    method: str
    base_url: str
    """The gateway's address as the client wrote it, with https: HypChat takes no other link."""
    room_names: tuple[str, ...]
    """The names that the room may have, likeliest first; empty if none was given."""
    token: str = field(repr=False)
    is_auth_test: bool
    query: Pairs = field(repr=False)
    content: Content = field(repr=False)

    @property
    def allowed_methods(self) -> tuple[str, ...]:
        """The HTTP methods that the action takes."""
        if self.version == 1 and self.action is Action.NOTIFY:
            return V1_NOTIFY_METHODS
        return METHODS.get(self.action, ())

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the request says by name. In v1 the query counts, and the body wins over it."""
        query = self.query if self.version == 1 else ()
        if isinstance(self.content.json, dict):
            return {**dict(query), **self.content.json}
        return {**dict(query), **dict(self.content.form or ())}


def read_call(
    method: str,
    raw_path: str,
    query_string: str,
    headers: Iterable[tuple[str, str]],
    body: bytes,
) -> Call | None:
    """
    Return the call that an HTTP request makes; None if its path is not of HipChat's API.

    ``raw_path`` is the path as it came, with its percent signs.
    """
    path = re.sub("/+", "/", raw_path)  # hipchat-notif sends /v1//rooms/message
    for version, action, pattern in _PATHS:
        match = pattern.fullmatch(path)
        if match is None:
            continue
        fields = {name.lower(): value for name, value in headers}
        query = read_pairs(query_string)
        content = read_content(fields.get("content-type", ""), body)
        form = content.form or ()
        spoken = (*query, *form) if version == 1 else query
        room = match.groupdict().get("room")
        if version == 1:
            room = _last(spoken, "room_id")
        return Call(
            version=version,
            action=action,
            method=method.upper(),
            base_url=f"https://{fields.get('host', 'localhost')}{match['prefix']}",
            room_names=_names(room, decoded=version == 1),
            token=_bearer(fields.get("authorization", "")) or _last(spoken, "auth_token"),
            is_auth_test=_last(spoken, "auth_test").lower() in TRUE_WORDS,
            query=query,
            content=content,
        )
    return None


def _names(room: str | None, *, decoded: bool) -> tuple[str, ...]:
    """
    Return the room's name, and what it is when it had been encoded twice.

    hipsaint encodes the name of a v1 room by hand before the form encodes it again.
    """
    if not room:
        return ()
    name = room if decoded else unquote(room)
    return tuple(dict.fromkeys((name, unquote(name))))


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _last(pairs: Pairs, name: str) -> str:
    """Return the last value of a name, as PHP and Django do; empty without one."""
    return dict(pairs).get(name, "")
