"""
HipChat over HTTP: ``rooms/message`` of API v1, ``room/{id}/notification`` of v2.

The requests are those that the 2013 package (v1) and hypchat and hipchat-notifier (v2) send.
Atlassian's pages: hipchat.com/docs/api/method/rooms/message (v1),
developer.atlassian.com/server/hipchat "Sending messages" and "HipChat REST API rate limits" (v2).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from ..conf import settings
from ..message import V1, V2, Limits, Message
from ..states import Outcome
from . import request_checks
from .base import HipChatBackendBase, Result
from .http import Answer, HttpClient, Unanswered, bounded
from .redaction import redacted

ANSWER_CHARACTERS = 500
#: Tails of an address that people copy from HipChat's documentation or from old settings.
URL_TAILS = ("/v1/rooms/message", "/v1", "/v2/room", "/v2")
#: A reset "time" below this is a number of seconds to go (both are seen: node-hipchatter).
EARLIEST_EPOCH = 1_000_000_000


class HipChatBackend(HipChatBackendBase):
    """
    Post each message to a HipChat server.

    Options, each by default the setting of the same name: ``token`` (HIPCHAT_API_TOKEN),
    ``api_url``, ``api_version``, ``timeout`` (seconds), ``ca_bundle``, ``proxies``. A connection
    with an ``api_url`` of its own needs a ``token`` of its own: HIPCHAT_API_TOKEN is never sent to
    another server.
    """

    option_names = ("token", "api_url", "api_version", "timeout", "ca_bundle", "proxies")
    secret_options = ("token",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.api_version not in (1, 2):
            message = f"api_version of the connection {self.alias!r} is {self.api_version!r}; use 1 or 2."
            raise ImproperlyConfigured(message)
        self._client = HttpClient()

    @property
    def token(self) -> str:
        """The connection's token; empty if there is none."""
        if "token" in self.options or "api_url" in self.options:
            return str(self.options.get("token") or "").strip()
        return settings.api_token

    @property
    def api_url(self) -> str:
        """The server's address without a trailing slash and without ``/v1`` or ``/v2``."""
        url = str(self.options.get("api_url") or settings.api_url).rstrip("/")
        for tail in URL_TAILS:
            url = url.removesuffix(tail)
        return url.rstrip("/")

    @property
    def api_version(self) -> int:
        """1 or 2."""
        return int(self.options.get("api_version") or settings.api_version)

    @property
    def limits(self) -> Limits:
        return V1 if self.api_version == 1 else V2

    @property
    def time_limit(self) -> float:
        return float(self.options.get("timeout") or settings.timeout)

    def check(self) -> list[CheckMessage]:
        return request_checks.check(self)

    def close(self) -> None:
        self._client.close()

    def require_settings(self) -> None:
        if not self.token:
            message = (
                f"HipChat API token not set: set HIPCHAT_API_TOKEN, or the option token of the "
                f"connection {self.alias!r}."
            )
            raise ImproperlyConfigured(message)

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        self.require_settings()
        secrets = self._secrets()
        try:
            answer = self._post(message, timeout or self.time_limit)
        except Unanswered as error:
            return Result(error.outcome, error=redacted(str(error), secrets))
        return _result(answer, secrets)

    def _secrets(self) -> list[str]:
        """Return what must not be read anywhere: the token, and what the address carries."""
        parts = urlsplit(self.api_url)
        return [self.token, parts.password or "", parts.query]

    def _post(self, message: Message, timeout: float) -> Answer:
        if self.api_version == 1:
            url = f"{self.api_url}/v1/rooms/message"
            content: dict[str, Any] = {"data": {**self.payload_of(message), "auth_token": self.token}}
        else:
            url = f"{self.api_url}/v2/room/{quote(message.room, safe='')}/notification"
            headers = {"Authorization": f"Bearer {self.token}"}
            content = {"body": notification_of(message), "headers": headers}
        return self._client.post(
            url,
            timeout=timeout,
            ca_bundle=str(self.options.get("ca_bundle") or settings.ca_bundle),
            proxies=self.options.get("proxies") or settings.proxies,
            **content,
        )


def notification_of(message: Message) -> dict[str, Any]:
    """Return the JSON body of v2's ``room/{id}/notification``."""
    body: dict[str, Any] = {
        "message": message.text,
        "message_format": message.message_format,
        "color": message.color,
        "notify": message.notify,
        "from": message.sender,
    }
    if message.card is not None:
        body["card"] = dict(message.card)
    return body


def _result(answer: Answer, secrets: list[str]) -> Result:
    """Return what HipChat's answer means."""
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
        retry_after = retry_after if retry_after is not None else _seconds_to_reset(answer)
    elif 300 <= answer.status < 400:
        target = urlsplit(answer.headers.get("Location", "")).hostname or "elsewhere"
        words = f"a redirect to {target}, which is not followed; correct HIPCHAT_API_URL"
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
    return ""


def _words(answer: Answer) -> str:
    """Return the server's own words, else the status's name."""
    try:
        name = HTTPStatus(answer.status).phrase
    except ValueError:
        name = "unknown status"
    return _error_of(answer) or name


def _is_rate_limit(answer: Answer) -> bool:
    """
    Is it a rate limit's answer: 429 in v2, 403 with these words in v1?

    Source: hipchat-rb PR #146; HypChat compares the string.
    """
    return answer.status == 429 or (answer.status == 403 and "rate limit" in _error_of(answer))


def _seconds_to_reset(answer: Answer) -> float | None:
    """
    Return the seconds until the limit that was hit is reset; None if no header says.

    ``X-RateLimit-Reset`` and ``X-FloodControl-Reset`` are Unix times, whole (Atlassian's page),
    with a fraction (seen in 2014) or, from some servers, seconds to go.
    """
    waits = []
    for kind in ("X-RateLimit", "X-FloodControl"):
        try:
            reset = float(answer.headers.get(f"{kind}-Reset", ""))
        except ValueError:
            continue
        if answer.headers.get(f"{kind}-Remaining", "0").strip() in ("0", "0.0"):
            waits.append(bounded(reset - time.time() if reset > EARLIEST_EPOCH else reset))
    return max(waits, default=None)
