"""
What the absence of an answer means: did the request reach the service?

One that certainly did not is *unavailable*; one that went out without an answer coming back is
*unknown*.
"""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from requests.exceptions import (  # noqa: TID251 - names of errors; nothing is sent here
    InvalidHeader,
    InvalidSchema,
    InvalidURL,
    MissingSchema,
)
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from ..states import Outcome

_WRONG_ADDRESS = (InvalidURL, InvalidSchema, MissingSchema, InvalidHeader, LocationValueError)


class Unanswered(Exception):
    """A request without an answer. ``outcome`` is unavailable or unknown."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        self.outcome = outcome
        super().__init__(reason)


def host_of(url: str) -> str:
    """Return the host of an address; empty without one."""
    return urlsplit(url).hostname or ""


def server_of(url: str) -> str:
    """Return the host of an address, and its port if the address names one."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{host or ''}:{parts.port}" if parts.port else host or ""


def what_to_raise(error: Exception, url: str, timeout: float) -> Exception:
    """Return what to raise; its text names the host and never the rest of the address."""
    if isinstance(error, _WRONG_ADDRESS):
        reason = f"{type(error).__name__}: correct the address, the token or the proxy."
        return ImproperlyConfigured(reason)
    host, causes = host_of(url), _causes(error)
    if any(isinstance(cause, ProxyError) for cause in causes):
        return Unanswered(Outcome.UNAVAILABLE, f"The proxy did not connect to {host}.")
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = (
                f"The certificate of {host} is not trusted: {cause.verify_message}. "
                f"HIPCHAT_CA_BUNDLE names those that are."
            )
            return Unanswered(Outcome.UNAVAILABLE, reason)
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        return Unanswered(
            Outcome.UNAVAILABLE, f"No connection to {server_of(url)}: {_said(causes)}."
        )
    if any(isinstance(cause, ConnectTimeoutError) for cause in causes):
        reason = f"{server_of(url)} did not accept a connection within {timeout:g} s."
        return Unanswered(Outcome.UNAVAILABLE, reason)
    if any(isinstance(cause, ReadTimeoutError) for cause in causes):
        return Unanswered(Outcome.UNKNOWN, f"{host} did not answer within {timeout:g} s.")
    return Unanswered(Outcome.UNKNOWN, f"The connection to {host} broke: {_said(causes)}.")


def _causes(error: BaseException) -> list[BaseException]:
    """Return an exception and whatever it wraps, in the ways that requests and urllib3 wrap."""
    found: list[BaseException] = [error]
    for cause in found:
        inner = [getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args]
        found.extend(e for e in inner if isinstance(e, BaseException) and e not in found)
    return found


def _said(causes: list[BaseException]) -> str:
    """Return the operating system's words, else the innermost exception's name."""
    for cause in reversed(causes):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return type(causes[-1]).__name__
