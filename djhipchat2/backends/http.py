"""
The only HTTP: one keep-alive client, and what an answer or its absence means.

A request that certainly did not reach the service is *unavailable*; one that went out without an
answer coming back is *unknown*. Redirects are not followed, since they would carry the token to
wherever they point.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from django.core.exceptions import ImproperlyConfigured
from requests.utils import get_environ_proxies
from urllib3.exceptions import NewConnectionError

from .. import __version__
from ..states import Outcome

#: Bytes of an answer's body that are read; chats answer with a line.
BODY_BYTES = 65_536
USER_AGENT = f"djhipchat2/{__version__}"
#: Statuses besides 5xx that are worth another try (RFC 9110, RFC 8470, RFC 6585).
WORTH_ANOTHER_TRY = (408, 425, 429)
#: Seconds that no service can silence us for, whatever it answers.
LONGEST_HOLD = 86_400


class Unanswered(Exception):
    """A request without an answer. ``outcome`` is unavailable or unknown."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        self.outcome = outcome
        super().__init__(reason)


@dataclass(frozen=True)
class Answer:
    """A service's answer. ``text`` is the beginning of its body."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """Return the body as JSON; None if it isn't."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def is_web_page(self) -> bool:
        """Is the body made for people, as from a login page or a wrong address?"""
        kind = self.headers.get("Content-Type", "")
        return bool(self.text.strip()) and "html" in kind and self.json() is None

    @property
    def outcome(self) -> Outcome:
        """What the status alone says."""
        if 200 <= self.status < 300:
            return Outcome.ACCEPTED
        if self.status >= 500 or self.status in WORTH_ANOTHER_TRY:
            return Outcome.UNAVAILABLE
        return Outcome.REJECTED

    def retry_after(self) -> float | None:
        """
        Return the seconds of ``Retry-After``, given as such or as a date; None without one.

        Source: RFC 9110, section 10.2.3.
        """
        value = self.headers.get("Retry-After", "").strip()
        if not value:
            return None
        try:
            seconds = float(value)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except ValueError:
                return None
        return bounded(seconds)


def bounded(seconds: float) -> float:
    """Return the seconds of a service's wish, between none and a day."""
    return min(max(seconds, 0), LONGEST_HOLD)


class HttpClient:
    """Posts over kept-alive connections. For one thread at a time."""

    def __init__(self) -> None:
        self._session = requests.Session()
        # The environment is read once per address instead of at every call, which costs more
        # than the request itself; ~/.netrc, which would replace our token, is never read.
        self._session.trust_env = False
        self._session.headers["User-Agent"] = USER_AGENT
        self._environment: dict[str, dict[str, str]] = {}

    def post(
        self,
        url: str,
        *,
        timeout: float,
        ca_bundle: str = "",
        proxies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, Any] | None = None,
        body: Any = None,
    ) -> Answer:
        """
        Post a form (``data``) or JSON (``body``) and return the answer.

        Raise Unanswered without one, and ImproperlyConfigured for an address or a certificate file
        that cannot be used.
        """
        try:
            response = self._session.post(
                url,
                data=data,
                json=body,
                headers=headers,
                timeout=(timeout, timeout),
                allow_redirects=False,
                verify=ca_bundle or _trusted_certificates(),
                proxies=dict(proxies) if proxies else self._environment_proxies(url),
                stream=True,
            )
        except requests.exceptions.RequestException as error:
            raise _unanswered(error, urlsplit(url).hostname or "", timeout) from None
        except OSError as error:  # requests checks the certificate file by hand
            message = f"HIPCHAT_CA_BUNDLE {ca_bundle!r} cannot be read; name a file of certificates."
            raise ImproperlyConfigured(message) from error
        return Answer(response.status_code, response.headers, _beginning_of(response))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _environment_proxies(self, url: str) -> dict[str, str]:
        if url not in self._environment:
            self._environment[url] = get_environ_proxies(url)
        return self._environment[url]


def _trusted_certificates() -> str | bool:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def _beginning_of(response: requests.Response) -> str:
    try:
        content: bytes = response.raw.read(BODY_BYTES, decode_content=True)
    except (urllib3.exceptions.HTTPError, OSError):
        response.close()
        return ""  # the status has been given; only its explanation is lost
    if len(content) == BODY_BYTES:
        response.close()  # what follows would be read as the next answer
    return content.decode(errors="replace")


def _unanswered(error: requests.RequestException, host: str, timeout: float) -> Exception:
    """Return what to raise; its text names the host and never the rest of the address."""
    causes = list(_causes(error))
    wrong_address = (
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidHeader,
        requests.exceptions.InvalidProxyURL,
    )
    if isinstance(error, wrong_address):
        reason = f"{type(error).__name__}: correct HIPCHAT_API_URL, the token or the proxy."
        return ImproperlyConfigured(reason)
    if isinstance(error, requests.ConnectTimeout):
        return Unanswered(
            Outcome.UNAVAILABLE, f"{host} did not accept a connection within {timeout:g} s."
        )
    if isinstance(error, requests.Timeout):
        return Unanswered(Outcome.UNKNOWN, f"{host} did not answer within {timeout:g} s.")
    if isinstance(error, requests.exceptions.ProxyError):
        return Unanswered(Outcome.UNAVAILABLE, f"The proxy did not connect to {host}.")
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        reason = f"The certificate of {host} is not trusted; HIPCHAT_CA_BUNDLE names those that are."
        return Unanswered(Outcome.UNAVAILABLE, reason)
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        return Unanswered(Outcome.UNAVAILABLE, f"No connection to {host}: {_said(causes)}.")
    return Unanswered(Outcome.UNKNOWN, f"The connection to {host} broke: {_said(causes)}.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and whatever it wraps, in the ways that requests and urllib3 wrap."""
    yield error
    inner = [getattr(error, "reason", None), error.__cause__, error.__context__, *error.args]
    seen = {id(error)}
    for cause in inner:
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield from _causes(cause)


def _said(causes: list[BaseException]) -> str:
    """Return the operating system's words, else the innermost exception's name."""
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return type(causes[-1]).__name__
