"""
The only HTTP: one keep-alive client.

Redirects are not followed, since they would carry the token to wherever they point.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
import urllib3
from requests.utils import get_environ_proxies

from .. import __version__
from ..states import Outcome
from .answer import Answer
from .certificates import require_certificates
from .transport import Adapter, Line
from .unanswered import Unanswered, host_of, what_to_raise

#: Bytes of an answer's body that are read; chats answer with a line.
BODY_BYTES = 65_536
HEADERS = {
    "User-Agent": f"djhipchat2/{__version__}",
    "Accept": "*/*",
    # Answers are a line: unpacking them gains nothing and lets a small one grow without bounds.
    "Accept-Encoding": "identity",
    "Connection": "keep-alive",
}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
#: Seconds after which an unused connection is not trusted: firewalls forget it without a word.
IDLE_SECONDS = 60
SHORTEST_TIMEOUT = 0.1
#: Addresses whose lines are kept; a room has one of its own in HipChat's v2.
LINES = 500


class HttpClient:
    """Speaks over kept-alive connections. For one thread at a time."""

    def __init__(self) -> None:
        self._adapter = Adapter()
        self._process = 0
        self._used_at = 0.0
        self._environment: dict[tuple[str, str], dict[str, str]] = {}
        self._lines: dict[Any, Line] = {}

    def post(self, url: str, **content: Any) -> Answer:
        """Post a form or JSON and return the answer; see ``request()``."""
        return self.request("POST", url, **content)

    def request(
        self,
        method: str,
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
        Send a form (``data``), JSON (``body``) or nothing and return the answer.

        ``timeout`` is for the whole of it. Raise Unanswered without an answer, and
        ImproperlyConfigured for an address or a certificate file that cannot be used.
        """
        timeout = max(timeout, SHORTEST_TIMEOUT)
        kind, content = _content_of(data, body)
        self._refresh()
        try:
            line = self._line(method, url, headers or {}, kind, ca_bundle, proxies)
            response = line.send(content, timeout)
        except (OSError, urllib3.exceptions.HTTPError) as error:
            raise what_to_raise(error, url, timeout) from None
        if response.status < 200:
            response.close()  # the answer proper would be read as that of the next request
            reason = f"{host_of(url)} sent only a preliminary answer, {response.status}."
            raise Unanswered(Outcome.UNKNOWN, reason)
        headers_read = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, headers_read, *_beginning_of(response))

    def close(self) -> None:
        """Close the connections."""
        self._lines.clear()
        self._adapter.close()

    def _line(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        kind: str,
        ca_bundle: str,
        proxies: Mapping[str, str] | None,
    ) -> Line:
        """
        Return the way to an address. What it takes to prepare, and the checks of the headers, are
        done once: messages to a room differ in their bodies alone.
        """
        trusted = ca_bundle or _environment_certificates()
        proxies = proxies or self._environment_proxies(url)
        key = (method, url, kind, trusted, *headers.items(), *proxies.items())
        line = self._lines.get(key)
        if line is None:
            typed = {"Content-Type": kind} if kind else {}
            # No requests.Session: it reads the environment at every call, which costs more than
            # the request itself, and ~/.netrc in place of our token; it keeps cookies; and it
            # parses and reads redirects even where it is told not to follow them.
            request = requests.Request(method, url, headers={**HEADERS, **typed, **headers})
            if len(self._lines) >= LINES:
                self._lines.clear()
            line = self._lines[key] = self._adapter.line(
                request.prepare(),
                verify=_certificates(url, trusted, is_setting=bool(ca_bundle)),
                proxies=dict(proxies),
            )
        return line

    def _refresh(self) -> None:
        """Have connections that are fresh, and no other process's."""
        if self._process != os.getpid():
            # After a fork both processes hold the sockets, and would read each other's answers.
            self._lines.clear()
            self._adapter = Adapter()
            self._process = os.getpid()
        now = time.monotonic()
        if now - self._used_at > IDLE_SECONDS:
            self.close()
        self._used_at = now

    def _environment_proxies(self, url: str) -> dict[str, str]:
        """Return the environment's proxies, which are looked up once per server."""
        parts = urlsplit(url)
        server = parts.scheme, parts.netloc
        if server not in self._environment:
            self._environment[server] = get_environ_proxies(url)
        return self._environment[server]


def _certificates(url: str, path: str, *, is_setting: bool) -> str | bool:
    """Return what to trust. Raise ImproperlyConfigured if it cannot be read."""
    if not path or urlsplit(url).scheme != "https":
        return True
    require_certificates("HIPCHAT_CA_BUNDLE" if is_setting else "REQUESTS_CA_BUNDLE", path)
    return path


def _environment_certificates() -> str:
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or ""


def _content_of(data: Mapping[str, Any] | None, body: Any) -> tuple[str, bytes | None]:
    """Return the type and the bytes of a form or of JSON; no bytes if there is nothing to send."""
    if body is not None:
        # Letters are not escaped: some services limit the bytes.
        return JSON, json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    if data is not None:
        return FORM, urlencode(data, doseq=True).encode()
    return "", None


def _beginning_of(response: urllib3.BaseHTTPResponse) -> tuple[str, bool]:
    """Return the beginning of a body, and whether it broke off: then nothing of it is known."""
    content, is_broken = b"", False
    try:
        content = response.read(BODY_BYTES, decode_content=True)
    except (urllib3.exceptions.HTTPError, OSError):
        is_broken = True
    response.close()  # the connection, unless nothing was left to be read: then it is kept
    response.release_conn()
    return content.decode(errors="replace"), is_broken
