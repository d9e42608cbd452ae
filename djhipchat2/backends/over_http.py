"""A backend that posts over HTTP: its client, its timeout, certificates and proxies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..conf import settings
from .answer import Answer
from .base import HipChatBackendBase
from .http import HttpClient

HTTP_OPTIONS = ("timeout", "ca_bundle", "proxies")


class HttpBackendBase(HipChatBackendBase):
    """
    Posts over kept-alive connections.

    Options, each by default the setting of the same name: ``timeout`` (seconds), ``ca_bundle``,
    ``proxies``.
    """

    option_names: ClassVar[tuple[str, ...]] = HTTP_OPTIONS

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._client = HttpClient()

    @property
    def time_limit(self) -> float:
        return self.options.get("timeout") or settings.timeout

    @property
    def ca_bundle(self) -> str:
        """Path of the certificates to trust; empty: those that ``requests`` trusts."""
        return str(self.options.get("ca_bundle") or settings.ca_bundle)

    def close(self) -> None:
        self._client.close()

    def post(self, url: str, *, timeout: float | None, **content: Any) -> Answer:
        """Post and return the answer; see ``HttpClient.request()``."""
        return self.request("POST", url, timeout=timeout, **content)

    def request(self, method: str, url: str, *, timeout: float | None, **content: Any) -> Answer:
        """Send and return the answer; see ``HttpClient.request()``."""
        proxies: Mapping[str, str] = self.options.get("proxies") or settings.proxies
        return self._client.request(
            method,
            url,
            timeout=self.time_limit if timeout is None else timeout,
            ca_bundle=self.ca_bundle,
            proxies=proxies,
            **content,
        )
