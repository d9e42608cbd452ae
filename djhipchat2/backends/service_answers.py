"""What the answer of any service comes to, once the service's own words in it have been read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from ..states import Outcome, Scope
from .answer import Answer, number
from .base import Allowance, Result
from .redaction import redacted
from .unanswered import Unanswered

ANSWER_CHARACTERS = 500
#: Seconds between two tries while a limit lasts, whatever the service's clock or headers say.
SHORTEST_HOLD = 1.0


#: Statuses of a service that does not let us in, and of an address where nothing is.
LOCKED_OUT = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
NOT_THERE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


@dataclass(frozen=True)
class Reading:
    """What a service says in an answer, in its own way."""

    words: str = ""
    """Why it did not take the message; empty: it gives no reason."""
    hint: str = ""
    """What to do about it; empty: what the status suggests."""
    outcome: Outcome | None = None
    """None: what the status says; but no status alone says that the message was taken."""
    rate_limited: bool = False
    retry_after: float | None = None
    """Seconds to leave alone what ``scope`` covers; None: it does not ask."""
    scope: Scope = Scope.ROOM
    allowance: Allowance | None = None


def reading_of(
    answer: Answer,
    words: str = "",
    *,
    hint: str = "",
    limit: Scope,
    outcome: Outcome | None = None,
    asked: float | None = None,
    limited: bool = False,
) -> Reading:
    """
    Return the reading of an answer that does not say that the message was taken.

    ``limit`` is what the service's rate limit covers, ``asked`` the seconds that the body asks for,
    which go before ``Retry-After``; ``limited`` says that the words are those of a rate limit.
    """
    limited = limited or answer.status == HTTPStatus.TOO_MANY_REQUESTS
    wait = answer.retry_after() if asked is None else asked
    if limited and wait is not None:
        wait = max(wait, SHORTEST_HOLD)
    # A service that is busy or in maintenance is so for all rooms.
    scope = limit if limited else Scope.CONNECTION if wait is not None else Scope.ROOM
    return Reading(words, hint, outcome, rate_limited=limited, retry_after=wait, scope=scope)


def result_of(
    answer: Answer,
    reading: Reading,
    secrets: Iterable[str],
    *,
    service: str,
    address: str,
    login: str = "",
) -> Result:
    """
    Return what an answer comes to, without the secrets that it may repeat.

    ``service`` is the service's name, ``address`` names the setting of its address, and ``login``
    the one that lets us in, where that is another.
    """
    secrets = list(secrets)
    outcome = reading.outcome or answer.outcome
    words = reading.words or _name_of(answer.status)
    hint = reading.hint
    if reading.rate_limited:
        outcome = Outcome.UNAVAILABLE
    elif reading.outcome is None and outcome is Outcome.ACCEPTED and answer.is_broken:
        outcome = Outcome.UNKNOWN
        words = "the answer broke off, so nobody knows whether the message was taken"
    elif reading.outcome is None and outcome is Outcome.ACCEPTED:
        # A login page or a notice of maintenance answers 200, too; neither took the message.
        outcome = Outcome.UNAVAILABLE
        kind = " but a web page" if answer.is_web_page else ""
        words = f"not {service}'s answer{kind}; check {address}"
    elif 300 <= answer.status < 400:
        words = f"a redirect to {_target(answer)}, which is not followed; correct {address}"
    elif not hint and outcome is Outcome.REJECTED and answer.status in LOCKED_OUT:
        hint = f"check {login or address}"
    elif not hint and outcome is Outcome.REJECTED and answer.status in NOT_THERE:
        hint = f"check {address}"
    if hint:
        words = f"{words.rstrip('.')}: {hint}"
    error = "" if outcome is Outcome.ACCEPTED else f"HTTP {answer.status}: {words}"
    return Result(
        outcome,
        error=redacted(error, secrets),
        http_status=answer.status,
        answer=redacted(answer.text, secrets)[:ANSWER_CHARACTERS],
        retry_after=reading.retry_after,
        rate_limited=reading.rate_limited,
        scope=reading.scope,
        allowance=reading.allowance,
    )


def allowance_of(answer: Answer) -> Allowance | None:
    """Return where the limit of ``X-RateLimit-*`` stands, if the answer has all three headers."""
    total, left, reset = (
        number(answer.header(f"X-RateLimit-{name}")) for name in ("Limit", "Remaining", "Reset")
    )
    if total is None or left is None or reset is None or total < 1:
        return None
    return Allowance(int(total), max(int(left), 0), answer.seconds_until(reset))


def unanswered(error: Unanswered, secrets: Iterable[str]) -> Result:
    """Return what a request without an answer comes to."""
    return Result(error.outcome, error=redacted(str(error), secrets), scope=Scope.CONNECTION)


def _name_of(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def _target(answer: Answer) -> str:
    """Return the server that a redirect points to."""
    try:
        server = urlsplit(answer.header("Location")).netloc
        return server.rpartition("@")[2] or "another path"
    except ValueError:
        return "nowhere"
