"""
HipChat's answers, as its clients insist on them.

A v1 message: 200 and JSON; of 22 v1 clients that were run, 12 break on 204. A v2 notification:
exactly 204, with a content type that is not JSON (salt's module parses any body that says JSON).
Both versions report errors as ``{"error": {"code", "type", "message"}}``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from .call import Action, Call

V1_AUTH_PAGE = "https://www.hipchat.com/docs/api/auth"
V1_RATE_PAGE = "https://www.hipchat.com/docs/api/rate_limiting"
V2_AUTH_PAGE = "https://www.hipchat.com/docs/apiv2/auth"
V2_RATE_PAGE = "https://www.hipchat.com/docs/apiv2/rate_limiting"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Rate:
    """Where a limit stands."""

    limit: int
    remaining: int
    reset: int
    """When the limit is full again: a Unix time, whole; hipchat-go cannot read a fraction."""
    is_exceeded: bool = False


@dataclass(frozen=True)
class Allowance:
    """What a call may still do: the limit of its token and, where one exists, of its room."""

    token: Rate
    room: Rate | None = None

    @property
    def is_exceeded(self) -> bool:
        return self.token.is_exceeded or (self.room is not None and self.room.is_exceeded)


def message_sent(call: Call) -> Answer:
    """Return the answer to a message that was taken."""
    if call.version == 1:
        return _json_answer(call, HTTPStatus.OK, {"status": "sent"})
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    return Answer(HTTPStatus.NO_CONTENT, headers, b"")


def auth_test_passed(call: Call) -> Answer:
    """Return 202, which TeamCity requires, and the JSON that hipchat-go decodes."""
    success = {
        "code": 202,
        "type": "Accepted",
        "message": "This auth_token has access to use this method.",
    }
    return _json_answer(call, HTTPStatus.ACCEPTED, {"success": success})


def room_shown(call: Call, number: int, name: str) -> Answer:
    """Return a room; HypChat posts to its ``links.self`` + ``/notification``."""
    link = f"{call.base_url}/v2/room/{quote(name, safe='')}"
    return _json_answer(call, HTTPStatus.OK, {"id": number, "name": name, "links": {"self": link}})


def unauthorized(call: Call) -> Answer:
    """
    Return 401.

    Words: hernandev/hipchat-laravel issue #5 (v1), gist.github.com/danriti/7345074 (v2).
    """
    if call.version == 1:
        words = f"Auth token invalid. Please see: {V1_AUTH_PAGE}"
    elif call.token:
        words = "Invalid OAuth session"
    else:
        words = f"Authenticated requests only. See {V2_AUTH_PAGE} for more information."
    return error(call, HTTPStatus.UNAUTHORIZED, words)


def method_forbidden(call: Call) -> Answer:
    """Return v1's 401 for what a notification token may not do; hipchat-notif compares it."""
    words = f"This auth token does not have access to this method. Please see: {V1_AUTH_PAGE}"
    return error(call, HTTPStatus.UNAUTHORIZED, words)


def rate_limited(call: Call) -> Answer:
    """Return 403 in v1 and 429 in v2; which is which says HipChat's staff in hipchat-rb PR #146."""
    if call.version == 1:
        words = f"You have exceeded the rate limit. See {V1_RATE_PAGE}"
        return error(call, HTTPStatus.FORBIDDEN, words)
    words = f"You have exceeded the rate limit. See {V2_RATE_PAGE}"
    return error(call, HTTPStatus.TOO_MANY_REQUESTS, words)


def room_not_found(call: Call) -> Answer:
    """Return 404; the words are in charltoons/hipchatter issue #26."""
    return error(call, HTTPStatus.NOT_FOUND, "Room not found")


def method_unknown(call: Call) -> Answer:
    """Return 404 for a method of HipChat's API that a gateway does not have."""
    return error(call, HTTPStatus.NOT_FOUND, "Method not found")


def http_method_not_allowed(call: Call) -> Answer:
    """Return 405 with the methods that are allowed."""
    answer = error(call, HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed")
    allow = ("Allow", ", ".join(call.allowed_methods))
    return replace(answer, headers=(*answer.headers, allow))


def error(call: Call, status: HTTPStatus, message: str, **details: Any) -> Answer:
    """Return an error; ``details`` are the further keys that v2 has for a wrong field."""
    content = {"code": status.value, "type": status.phrase, "message": message}
    if call.version == 2:
        content |= details
    return _json_answer(call, status, {"error": content})


def with_allowance(answer: Answer, call: Call, allowance: Allowance) -> Answer:
    """
    Return the answer with the rate-limit headers.

    HypChat raises KeyError without them, on any v2 answer. Names:
    developer.atlassian.com/server/hipchat/hipchat-rest-api-rate-limits.
    """
    headers = [*answer.headers, *_rate_headers("X-Ratelimit", allowance.token)]
    if allowance.room is not None and call.version == 2 and call.action is Action.NOTIFY:
        headers += _rate_headers("X-FloodControl", allowance.room)
    return replace(answer, headers=tuple(headers))


def _rate_headers(prefix: str, rate: Rate) -> list[tuple[str, str]]:
    return [
        (f"{prefix}-Limit", str(rate.limit)),
        (f"{prefix}-Remaining", str(rate.remaining)),
        (f"{prefix}-Reset", str(rate.reset)),
    ]


def _json_answer(call: Call, status: HTTPStatus, content: Mapping[str, Any]) -> Answer:
    """Return JSON as it was on the wire: v1's compact with escaped slashes, v2's printed."""
    if call.version == 1:
        text = json.dumps(content, separators=(",", ":")).replace("/", "\\/")
    else:
        text = json.dumps(content, indent=2, sort_keys=True)
    return Answer(status.value, (("Content-Type", "application/json"),), text.encode())
