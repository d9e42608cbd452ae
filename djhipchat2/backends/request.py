"""
HipChat over HTTP: ``rooms/message`` of API v1, ``room/{id}/notification`` of v2.

The requests are those that the 2013 package (v1) and hypchat and hipchat-notifier (v2) send.
Atlassian's pages: hipchat.com/docs/api/method/rooms/message (v1),
developer.atlassian.com/server/hipchat "Sending messages" and "HipChat REST API rate limits" (v2).
"""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote

from django.core.checks import CheckMessage
from django.core.exceptions import ImproperlyConfigured

from ..conf import settings
from ..message import V1, V2, Limits, Message
from . import request_checks, request_options
from .answer import Answer
from .base import Result
from .over_http import HTTP_OPTIONS, HttpBackendBase
from .request_answers import result_of
from .service_answers import unanswered
from .service_options import split_address, token_trouble
from .unanswered import Unanswered


class HipChatBackend(HttpBackendBase):
    """
    Post each message to a HipChat server.

    Options, each by default the setting of the same name: ``token`` (HIPCHAT_API_TOKEN),
    ``api_url``, ``api_version``, ``timeout`` (seconds), ``ca_bundle``, ``proxies``. A connection
    with an ``api_url`` of its own needs a ``token`` of its own: HIPCHAT_API_TOKEN is never sent to
    another server.
    """

    option_names: ClassVar[tuple[str, ...]] = ("token", "api_url", "api_version", *HTTP_OPTIONS)
    secret_options: ClassVar[tuple[str, ...]] = ("token",)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        request_options.require_kinds(self.options, self.alias)

    @property
    def token(self) -> str:
        """The connection's token; empty if there is none."""
        if "token" in self.options or "api_url" in self.options:
            token: str = self.options.get("token") or ""
            return token.strip()
        return settings.api_token

    @property
    def api_url(self) -> str:
        """The server's address without a trailing slash and without ``/v1`` or ``/v2``."""
        return request_options.without_tail(self.options.get("api_url") or settings.api_url)

    @property
    def api_version(self) -> int:
        """1 or 2."""
        return self.options.get("api_version") or settings.api_version

    @property
    def limits(self) -> Limits:
        return V1 if self.api_version == 1 else V2

    def check(self) -> list[CheckMessage]:
        return request_checks.check(self)

    def require_settings(self) -> None:
        where = f"the connection {self.alias or 'without a name'}"
        if not self.token:
            message = (
                f"HipChat API token not set: set HIPCHAT_API_TOKEN, or the option token of {where}."
            )
            raise ImproperlyConfigured(message)
        if trouble := token_trouble(self.token):
            message = f"The token of {where} has {trouble}; copy it again."
            raise ImproperlyConfigured(message)
        url = self.api_url
        if not split_address(url) or request_options.has_secret(url, self.token):
            message = (
                f"The api_url of {where} must be an address alone, without user, query or token: "
                f"HIPCHAT_API_URL = 'https://hipchat.example.com'."
            )
            raise ImproperlyConfigured(message)

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        self.require_settings()
        secrets = [self.token]
        try:
            answer = self._post_message(message, timeout)
        except Unanswered as error:
            return unanswered(error, secrets)
        return result_of(answer, secrets)

    def _post_message(self, message: Message, timeout: float | None) -> Answer:
        if self.api_version == 1:
            fields = {**self.payload_of(message), "auth_token": self.token}
            return self.post(f"{self.api_url}/v1/rooms/message", timeout=timeout, data=fields)
        url = f"{self.api_url}/v2/room/{quote(message.room, safe='')}/notification"
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.post(url, timeout=timeout, body=notification_of(message), headers=headers)


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
