"""What the demo runs: the local HipChat server and the example site."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from shlex import join, quote
from typing import Any, Protocol

from .errors import DemoError
from .processes import HOST, Children, fetch

HERE = Path(__file__).resolve().parent.parent
HIPCHAT_PORT = 8088
SITE_PORT = 8000
ROOM = "Ops"
COMMAND_SECONDS = 60
#: Seconds that the retry of the demo waits at most.
BACKOFF_SECONDS = 2
NEEDED_BY_HAND = (
    "EXAMPLE_DATABASE",
    "HIPCHAT_API_URL",
    "HIPCHAT_API_TOKEN",
    "HIPCHAT_LOGGING_TOKEN",
    "HIPCHAT_BACKEND",
    "HIPCHAT_OPTIONS",
)
TOKEN = "demo"
LOGGING_TOKEN = "demo-logging"


class Chat(Protocol):
    """A chat server that the demo sends to."""

    url: str
    usual_port: int

    def settings(self, *, wrong_token: bool) -> dict[str, str]: ...
    def introduction(self) -> list[str]: ...
    def places(self) -> list[str]: ...
    def messages(self) -> list[dict[str, Any]]: ...
    def fail_once(self) -> str: ...
    def recover(self) -> None: ...


def elsewhere(chat: Chat) -> list[str]:
    """Return what to say of a server that has not got its usual port."""
    if chat.url.endswith(f":{chat.usual_port}/"):
        return []
    return [f"Port {chat.usual_port} is taken; another one is used."]


@dataclass
class HipChat:
    """The local HipChat server, as seen from here."""

    url: str
    """Its address, with a slash at its end."""
    usual_port: int = HIPCHAT_PORT

    @classmethod
    def start(cls, children: Children, folder: Path) -> HipChat:
        """Start it on a port of its own, with a database of its own."""

        def command(port: int) -> list[str]:
            script = [sys.executable, str(HERE / "run_hipchat_server.py"), "--port", str(port)]
            tokens = ["--tokens", f"{TOKEN},{LOGGING_TOKEN}"]
            return [*script, *tokens, "--database", str(folder / "hipchat.sqlite3")]

        return cls(
            children.start(
                "HipChat server", command, preferred_port=HIPCHAT_PORT, environment=os.environ
            )
        )

    def settings(self, *, wrong_token: bool) -> dict[str, str]:
        """Return what the site's settings read from the environment to send here."""
        return {
            "HIPCHAT_API_TOKEN": "wrong" if wrong_token else TOKEN,
            "HIPCHAT_API_URL": self.url,
            "HIPCHAT_API_VERSION": "1",
            "HIPCHAT_LOGGING_TOKEN": "wrong" if wrong_token else LOGGING_TOKEN,
        }

    def introduction(self) -> list[str]:
        """Return what to say when it has started."""
        return [f"Local HipChat server on {self.url}, API v1 and v2", *elsewhere(self)]

    def places(self) -> list[str]:
        """Return where to look at what it has."""
        return [f"Wall        {self.url}rooms/{ROOM}/", f"Faults      {self.url}faults/"]

    def messages(self) -> list[dict[str, Any]]:
        """Return the messages that arrived, in order."""
        listed: list[dict[str, Any]] = json.loads(fetch(f"{self.url}control/messages"))["messages"]
        return listed

    def fail_once(self) -> str:
        """Have the next request answered with 503; return that in words."""
        fault = {"fault": "unavailable", "times": 1}
        fetch(f"{self.url}control/faults", json.dumps(fault).encode())
        return "The HipChat server answers 503 once."

    def recover(self) -> None:
        """Do nothing: the fault was for one request."""


@dataclass
class Site:
    """The example site in a folder: its environment, and what is run in it."""

    folder: Path
    chat: Chat
    wrong_token: bool = False
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(40), repr=False)

    @property
    def settings(self) -> dict[str, str]:
        """What the site's settings read from the environment."""
        return {
            "DJANGO_SETTINGS_MODULE": "example.settings",
            "EXAMPLE_DATABASE": str(self.folder / "site.sqlite3"),
            "HIPCHAT_BACKOFF_BASE": str(BACKOFF_SECONDS),
            **self.chat.settings(wrong_token=self.wrong_token),
        }

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the site's processes."""
        direct = ",".join(filter(None, [os.environ.get("no_proxy", ""), HOST]))
        more = {"DEBUG": "1", "SECRET_KEY": self.secret_key, "no_proxy": direct, "NO_PROXY": direct}
        return {**os.environ, **self.settings, **more}

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ``manage.py`` and return what it printed. Raise DemoError if it hangs."""
        command = [sys.executable, str(HERE / "manage.py"), *arguments]
        try:
            return subprocess.run(
                command,
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=COMMAND_SECONDS,
            )
        except subprocess.TimeoutExpired:
            message = f"manage.py {arguments[0]} did not end within {COMMAND_SECONDS} s."
            raise DemoError(message) from None

    def start(self, children: Children) -> str:
        """Start the web site and return its address."""

        def command(port: int) -> list[str]:
            script = [sys.executable, str(HERE / "manage.py"), "runserver"]
            return [*script, "--noreload", f"{HOST}:{port}"]

        return children.start(
            "example site", command, preferred_port=SITE_PORT, environment=self.environment
        )

    def by_hand(self, *arguments: str) -> str:
        """Return the shell command that runs ``manage.py`` in this site."""
        given = self.settings
        words = [f"{name}={quote(given[name])}" for name in NEEDED_BY_HAND if name in given]
        return " ".join([*words, join([sys.executable, str(HERE / "manage.py"), *arguments])])
