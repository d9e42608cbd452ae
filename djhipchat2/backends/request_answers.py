"""
What HipChat's answers mean.

Atlassian's pages: hipchat.com/docs/api/method/rooms/message (v1), "HipChat REST API rate limits"
(v2). Texts and headers that stand on no page are quoted from the clients named here.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..states import Outcome, Scope
from .answer import Answer, number
from .base import Result
from .service_answers import SHORTEST_HOLD, Reading, allowance_of
from .service_answers import result_of as service_result_of

#: What to look at, by status.
HINTS = {
    401: "check HIPCHAT_API_TOKEN, or the option token of the connection",
    403: "give the token access to the room and, in v2, the scope send_notification",
    404: "check the room's id or name, and HIPCHAT_API_URL",
}


def result_of(answer: Answer, secrets: list[str]) -> Result:
    """Return what an answer comes to, without the secrets that it may repeat."""
    words = _error_of(answer)
    rate_limited = _is_rate_limit(answer, words)
    retry_after, scope = _hold(answer, rate_limited=rate_limited)
    outcome = None
    if answer.outcome is Outcome.ACCEPTED and not answer.is_web_page:
        outcome = Outcome.REJECTED if words else Outcome.ACCEPTED
    reading = Reading(
        words,
        HINTS.get(answer.status, "") if outcome is None and not rate_limited else "",
        outcome,
        rate_limited=rate_limited,
        retry_after=retry_after,
        scope=scope,
        allowance=allowance_of(answer),
    )
    return service_result_of(answer, reading, secrets, service="HipChat", address="HIPCHAT_API_URL")


def _error_of(answer: Answer) -> str:
    """Return ``error.message`` of an answer; both versions report errors in it."""
    body = answer.json()
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        return str(error.get("message") or error.get("type") or error.get("code") or "error")
    return error if isinstance(error, str) else ""


def _is_rate_limit(answer: Answer, words: str) -> bool:
    """
    Is it a rate limit's answer: 429 in v2, 403 with these words in v1?

    Source: hipchat-rb PR #146; HypChat compares the string.
    """
    return answer.status == 429 or (answer.status == 403 and "rate limit" in words.lower())


def _hold(answer: Answer, *, rate_limited: bool) -> tuple[float | None, Scope]:
    """
    Return the seconds to leave the server alone, and what is to be left alone.

    None where nothing says so. A limit that this message has used up is obeyed as well as one that
    it has hit.
    """
    asked = answer.retry_after()
    used_up = _used_up(answer)
    if asked is not None:
        # A server that is busy or in maintenance is so for all rooms.
        scope = _widest(used_up) if rate_limited else Scope.CONNECTION
        return (max(asked, SHORTEST_HOLD) if rate_limited else asked), scope
    if used_up and (rate_limited or answer.outcome is Outcome.ACCEPTED):
        scope = _widest(used_up)
        return max(used_up[scope], SHORTEST_HOLD), scope
    return None, Scope.ROOM


def _widest(used_up: Mapping[Scope, float]) -> Scope:
    return Scope.CONNECTION if Scope.CONNECTION in used_up else Scope.ROOM


def _used_up(answer: Answer) -> dict[Scope, float]:
    """
    Return the limits that have nothing left, with the seconds until they are reset.

    ``X-RateLimit-*`` counts for the token, which is the connection's; ``X-FloodControl-*`` for the
    room. Their resets are Unix times, whole (Atlassian's page), with a fraction (seen in 2014) or,
    from some servers, seconds to go.
    """
    found = {}
    for kind, scope in (("X-RateLimit", Scope.CONNECTION), ("X-FloodControl", Scope.ROOM)):
        reset = number(answer.header(f"{kind}-Reset"))
        left = number(answer.header(f"{kind}-Remaining"))
        limited = left == 0 or (left is None and answer.outcome is not Outcome.ACCEPTED)
        if reset is not None and limited:
            found[scope] = answer.seconds_until(reset)
    return found
