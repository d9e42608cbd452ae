"""
What HipChat's answers mean.

Atlassian's pages: hipchat.com/docs/api/method/rooms/message (v1), "HipChat REST API rate limits"
(v2). Texts and headers that stand on no page are quoted from the clients named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from ..states import Outcome
from .answer import Answer, number
from .base import Result
from .redaction import redacted

ANSWER_CHARACTERS = 500
#: Seconds between two tries while a limit lasts, whatever the server's clock or headers say.
SHORTEST_HOLD = 1.0


def result_of(answer: Answer, secrets: list[str]) -> Result:
    """Return what an answer comes to, without the secrets that it may repeat."""
    outcome = answer.outcome
    words = _words(answer)
    retry_after = answer.retry_after()
    rate_limited = _is_rate_limit(answer)
    if outcome is Outcome.ACCEPTED and (answer.is_web_page or _error_of(answer)):
        # Behind a wrong address a login page or a load balancer answers 200, too.
        outcome = Outcome.REJECTED
        words = _error_of(answer) or "not HipChat's answer but a web page; check HIPCHAT_API_URL"
    elif rate_limited:
        outcome = Outcome.UNAVAILABLE
        retry_after = _hold(answer, retry_after)
    elif 300 <= answer.status < 400:
        words = f"a redirect to {_target(answer)}, which is not followed; correct HIPCHAT_API_URL"
    error = "" if outcome is Outcome.ACCEPTED else f"HTTP {answer.status}: {words}"
    return Result(
        outcome,
        error=redacted(error, secrets),
        http_status=answer.status,
        answer=redacted(answer.text, secrets)[:ANSWER_CHARACTERS],
        retry_after=retry_after,
        rate_limited=rate_limited,
    )


def _error_of(answer: Answer) -> str:
    """Return ``error.message`` of an answer; both versions report errors in it."""
    body = answer.json()
    error = body.get("error") if isinstance(body, Mapping) else None
    if isinstance(error, Mapping):
        return str(error.get("message") or error.get("type") or error.get("code") or "error")
    return error if isinstance(error, str) else ""


def _words(answer: Answer) -> str:
    """Return the server's own words, else the status's name."""
    try:
        name = HTTPStatus(answer.status).phrase
    except ValueError:
        name = "unknown status"
    return _error_of(answer) or name


def _target(answer: Answer) -> str:
    """Return the server that a redirect points to."""
    try:
        server = urlsplit(answer.headers.get("Location", "")).netloc
        return server.rpartition("@")[2] or "another path"
    except ValueError:
        return "nowhere"


def _is_rate_limit(answer: Answer) -> bool:
    """
    Is it a rate limit's answer: 429 in v2, 403 with these words in v1?

    Source: hipchat-rb PR #146; HypChat compares the string.
    """
    words = _error_of(answer).lower()
    return answer.status == 429 or (answer.status == 403 and "rate limit" in words)


def _hold(answer: Answer, retry_after: float | None) -> float | None:
    """Return the seconds that a rate limit lasts; None if nothing says."""
    seconds = _seconds_to_reset(answer) if retry_after is None else retry_after
    return None if seconds is None else max(seconds, SHORTEST_HOLD)


def _seconds_to_reset(answer: Answer) -> float | None:
    """
    Return the seconds until the limit that was hit is reset; None if no header says.

    ``X-RateLimit-Reset`` and ``X-FloodControl-Reset`` are Unix times, whole (Atlassian's page),
    with a fraction (seen in 2014) or, from some servers, seconds to go.
    """
    waits = []
    for kind in ("X-RateLimit", "X-FloodControl"):
        reset = number(answer.headers.get(f"{kind}-Reset", ""))
        left = number(answer.headers.get(f"{kind}-Remaining", ""))
        if reset is not None and not left:
            waits.append(answer.seconds_until(reset))
    return max(waits, default=None)
