"""Synapse, a server of Matrix, in place of the local HipChat server."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .errors import DemoError
from .processes import ANSWER_SECONDS, HOST, POLL_SECONDS, Children, direct
from .servers import HERE, ROOM, elsewhere

SYNAPSE_PORT = 8008
SCRIPT = HERE.parent / "scripts" / "synapse"
#: ``scripts/synapse`` registers it.
ADMINISTRATOR = ("keeper", "for-tests-alone")
ALIAS = "#ops:localhost"
FIELDS = ("room", "from", "message", "message_format", "color_asked", "notify")
TOO_MANY = 429


class LimitedError(DemoError):
    """Synapse takes no more for now."""


@dataclass
class Account:
    """A user of Synapse."""

    url: str
    user_id: str
    token: str

    def ask(self, method: str, path: str, content: object = None) -> dict[str, Any]:
        """Return what Synapse answers. Raise DemoError if it refuses."""
        return asked(self.url, method, path, content, token=self.token)


@dataclass
class Matrix:
    """Synapse, with a room, a bot that the site speaks as, and a reader."""

    url: str
    bot: Account
    reader: Account
    password: str
    room_id: str
    usual_port: int = SYNAPSE_PORT

    @classmethod
    def start(cls, children: Children, folder: Path) -> Matrix:
        """Start Synapse in the folder, installed from PyPI if it is not there."""
        place = str(folder / "synapse")
        subprocess.run([str(SCRIPT), "install", place], check=True)

        def command(port: int) -> list[str]:
            return ["env", f"SYNAPSE_PORT={port or free_port()}", str(SCRIPT), "run", place]

        url = children.start(
            "Synapse", command, preferred_port=SYNAPSE_PORT, environment=os.environ
        )
        password = secrets.token_urlsafe(9)
        bot, reader = (registered(url, name, password) for name in ("hipchat-bot", "reader"))
        made = reader.ask(
            "POST",
            "/_matrix/client/v3/createRoom",
            {"preset": "public_chat", "room_alias_name": "ops", "name": ROOM},
        )
        bot.ask("POST", f"/_matrix/client/v3/join/{quote(made['room_id'])}", {})
        return cls(url, bot, reader, password, made["room_id"])

    def settings(self, *, wrong_token: bool) -> dict[str, str]:
        """Return what the site's settings read from the environment to send here."""
        options = {
            "homeserver": self.url,
            "token": "wrong" if wrong_token else self.bot.token,
            "rooms": {ROOM: ALIAS},
        }
        return {
            "HIPCHAT_BACKEND": "djhipchat2.backends.matrix.HipChatBackend",
            "HIPCHAT_OPTIONS": json.dumps(options),
        }

    def introduction(self) -> list[str]:
        """Return what to say when it has started."""
        return [f"Synapse on {self.url}, with the room {ALIAS}", *elsewhere(self)]

    def places(self) -> list[str]:
        """Return where to look at what it has."""
        return [f"Matrix      {self.url} with any client: {ALIAS} (reader, {self.password})"]

    def events(self) -> list[dict[str, Any]]:
        """Return the contents of the room's messages, in order."""
        path = f"/_matrix/client/v3/rooms/{quote(self.room_id)}/messages?dir=f&limit=500"
        chunk = self.reader.ask("GET", path)["chunk"]
        return [event["content"] for event in chunk if event["type"] == "m.room.message"]

    def messages(self) -> list[dict[str, Any]]:
        """
        Return the messages that arrived, in order: those rows that look as an event does.

        An event that no row looks like is shown as it is.
        """
        # These need Django's settings.
        from djhipchat2.backends.matrix import content_of_event  # noqa: PLC0415
        from djhipchat2.message import service_limits  # noqa: PLC0415
        from djhipchat2.models import OutboundMessage  # noqa: PLC0415

        said = {}
        for row in OutboundMessage.objects.all():
            content = content_of_event(row.as_message(service_limits("Matrix")))
            values = (row.room_id, row.sender, row.message, row.message_format, row.color)
            said[json.dumps(content, sort_keys=True)] = (*values, row.notify)
        arrived = []
        for event in self.events():
            strange = (ALIAS, "", event.get("body", ""), "", "", False)
            values = said.get(json.dumps(event, sort_keys=True), strange)
            arrived.append(dict(zip(FIELDS, values, strict=True)))
        return arrived

    def fail_once(self) -> str:
        """Let the bot say one thing in a second, and have it said; return that in words."""
        self._limit("POST", {"messages_per_second": 1, "burst_count": 1})
        path = f"/_matrix/client/v3/rooms/{quote(self.room_id)}/send/com.example.demo/1"
        while True:
            try:
                self.bot.ask("PUT", path, {})
                break
            except LimitedError:  # of the messages before
                time.sleep(POLL_SECONDS)
        return "Synapse takes one message in a second from the bot, and has just had it."

    def recover(self) -> None:
        """Let the bot say as much as it likes."""
        self._limit("DELETE")

    def _limit(self, method: str, content: object = None) -> None:
        name, password = ADMINISTRATOR
        user = {"type": "m.id.user", "user": name}
        login = {"type": "m.login.password", "identifier": user, "password": password}
        made = asked(self.url, "POST", "/_matrix/client/v3/login", login)
        path = f"/_synapse/admin/v1/users/{self.bot.user_id}/override_ratelimit"
        Account(self.url, made["user_id"], made["access_token"]).ask(method, path, content)


def registered(url: str, name: str, password: str) -> Account:
    """Return a new account."""
    content = {"username": name, "password": password, "auth": {"type": "m.login.dummy"}}
    made = asked(url, "POST", "/_matrix/client/v3/register", content)
    return Account(url, made["user_id"], made["access_token"])


def asked(
    url: str, method: str, path: str, content: object = None, *, token: str = ""
) -> dict[str, Any]:
    """Return what Synapse answers. Raise DemoError if it refuses."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}{path}", data, headers, method=method)
    try:
        with direct.open(request, timeout=ANSWER_SECONDS) as response:
            answer: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        message = f"Synapse refuses {method} {path}: {error.read().decode(errors='replace')}"
        if error.code == TOO_MANY:
            raise LimitedError(message) from None
        raise DemoError(message) from None
    except OSError as error:
        message = f"Synapse does not answer as it should: {error}."
        raise DemoError(message) from None
    return answer


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port
