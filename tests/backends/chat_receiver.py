"""
A local receiver that answers as the chat services' own pages say they do.

No real service can be reached from a test. Each answer here is one that the service documents; the
pages are named in the modules of the backends.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from djhipchat2.backends.base import HipChatBackendBase, Result
from djhipchat2.backends.loading import load_backend
from tests.backends.raw_server import RawServer, http
from tests.backends.sending import a_message

SECRET = "s3cretPart0fTheAddress"
JSON = {"Content_Type": "application/json; charset=utf-8"}


def says(status: str, content: Any = "", **headers: object) -> bytes:
    """Return an answer: a text as it is, anything else as JSON."""
    if isinstance(content, str):
        return http(status, content.encode(), **{"Content_Type": "text/html", **headers})
    return http(status, json.dumps(content).encode(), **JSON, **headers)


@dataclass(frozen=True)
class Service:
    """A service: how its backend is set up, and how it says that it took a message."""

    module: str
    options: dict[str, Any]
    """``{url}`` in a text stands for the receiver's address."""
    accepted: bytes
    shares_its_limit: bool = True
    """Does a limit cover all rooms of the connection, as far as these options go?"""

    @property
    def path(self) -> str:
        return f"djhipchat2.backends.{self.module}.HipChatBackend"

    def options_for(self, url: str, /, **changes: Any) -> dict[str, Any]:
        return filled({**self.options, **changes}, url)

    def backend(self, url: str, /, **changes: Any) -> HipChatBackendBase:
        return load_backend(self.path, "ops", self.options_for(url, **changes))


def filled(options: dict[str, Any], url: str) -> dict[str, Any]:
    """Return options with a server's address in them: ``{url}``, or ``{server}`` without http."""
    return {
        name: value.replace("{url}", url).replace("{server}", url.partition("://")[2])
        if isinstance(value, str)
        else value
        for name, value in options.items()
    }


WEBHOOK = "{url}/hooks/" + SECRET
SERVICES = {
    "slack webhook": Service(
        "slack",
        {"url": "{url}/services/T0123/B0123/" + SECRET},
        says("200 OK", "ok"),
    ),
    "slack api": Service(
        "slack",
        {"api_url": "{url}/api", "token": SECRET},
        says("200 OK", {"ok": True, "channel": "C123", "ts": "1503435956.000247"}),
        shares_its_limit=False,
    ),
    "mattermost": Service(
        "mattermost", {"url": WEBHOOK}, says("200 OK", "ok", Content_Type="text/plain")
    ),
    "rocketchat": Service("rocketchat", {"url": WEBHOOK}, says("200 OK", {"success": True})),
    "teams": Service(
        "teams",
        {"url": "{url}/workflows/1/triggers/manual/paths/invoke?sig=" + SECRET},
        says("202 Accepted"),
    ),
    "discord": Service(
        "discord",
        {"url": "{url}/api/webhooks/1234567890/" + SECRET},
        says("200 OK", {"id": "1100", "channel_id": "1200", "content": ""}),
    ),
    "googlechat": Service(
        "googlechat",
        {"url": "{url}/v1/spaces/AAAA/messages?key=k&token=" + SECRET},
        says("200 OK", {"name": "spaces/AAAA/messages/BBBB", "text": "hello"}),
    ),
    "telegram": Service(
        "telegram",
        {"api_url": "{url}", "token": f"123:{SECRET}"},
        says("200 OK", {"ok": True, "result": {"message_id": 7}}),
        shares_its_limit=False,
    ),
    "zulip": Service(
        "zulip",
        {"api_url": "{url}", "email": "ops-bot@example.com", "api_key": SECRET},
        says("200 OK", {"result": "success", "msg": "", "id": 42}),
    ),
}


def delivered(service: Service, server: RawServer, message: Any = None, **options: Any) -> Result:
    """Return what delivering one message to a receiver comes to."""
    with closing(service.backend(server.url, **options)) as backend:
        return backend.deliver(message or a_message())
