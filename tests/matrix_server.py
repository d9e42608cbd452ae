"""Synapse as ``scripts/synapse`` starts it: users, rooms and limits of a test's own."""

from __future__ import annotations

import asyncio
import os
import uuid
from dataclasses import dataclass
from typing import Any

import nio
import requests

URL = os.environ.get("HIPCHAT_TEST_SYNAPSE", "http://127.0.0.1:8008")
PASSWORD = "for-tests-alone"
ADMINISTRATOR = "keeper"
ANSWER_SECONDS = 30
ENCRYPTION = {"type": "m.room.encryption", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}


@dataclass(frozen=True)
class User:
    """An account that a test made, or the administrator's."""

    user_id: str
    token: str

    def ask(self, method: str, path: str, content: Any = None) -> Any:
        """Return what the server answers. Raise AssertionError unless it is a success."""
        response = requests.request(
            method,
            f"{URL}{path}",
            json=content,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=ANSWER_SECONDS,
        )
        assert response.status_code == 200, f"{method} {path}: {response.text}"
        return response.json()

    def create_room(self, *, public: bool = False, encrypted: bool = False, **more: Any) -> Room:
        """Make a room with an alias of its own."""
        name = unique("ops")
        asked = {
            "preset": "public_chat" if public else "private_chat",
            "room_alias_name": name,
            "initial_state": [{"state_key": "", **ENCRYPTION}] if encrypted else [],
            **more,
        }
        made = self.ask("POST", "/_matrix/client/v3/createRoom", asked)
        return Room(made["room_id"], f"#{name}:localhost")

    def act(self, room: Room, action: str, user: User | None = None) -> None:
        """Invite, kick, join or leave."""
        content = {} if user is None else {"user_id": user.user_id}
        self.ask("POST", f"/_matrix/client/v3/rooms/{room.room_id}/{action}", content)

    def events(self, room: Room) -> list[Any]:
        """Return the messages of a room, oldest first, as matrix-nio reads them."""
        return asyncio.run(self._events(room))

    async def _events(self, room: Room) -> list[Any]:
        client = nio.AsyncClient(URL, self.user_id)
        client.restore_login(self.user_id, "TEST", self.token)
        try:
            answer = await client.room_messages(
                room.room_id, start="", direction=nio.MessageDirection.front, limit=500
            )
        finally:
            await client.close()
        assert isinstance(answer, nio.RoomMessagesResponse), answer
        return [event for event in answer.chunk if isinstance(event, nio.RoomMessage)]


@dataclass(frozen=True)
class Room:
    """A room that a test made."""

    room_id: str
    alias: str


def unique(name: str) -> str:
    """Return a name that no other test has."""
    return f"{name}-{uuid.uuid4().hex[:12]}"


def register(name: str) -> User:
    """Make an account with an access token."""
    response = requests.post(
        f"{URL}/_matrix/client/v3/register",
        json={"username": unique(name), "password": PASSWORD, "auth": {"type": "m.login.dummy"}},
        timeout=ANSWER_SECONDS,
    )
    made = response.json()
    return User(made["user_id"], made["access_token"])


def log_in(name: str) -> User:
    """Return an account that is there already, with a new access token."""
    response = requests.post(
        f"{URL}/_matrix/client/v3/login",
        json={
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": name},
            "password": PASSWORD,
        },
        timeout=ANSWER_SECONDS,
    )
    made = response.json()
    return User(made["user_id"], made["access_token"])


def limit(user: User, *, per_second: int, at_once: int) -> None:
    """Have Synapse's own rate limiter slow a user down."""
    log_in(ADMINISTRATOR).ask(
        "POST",
        f"/_synapse/admin/v1/users/{user.user_id}/override_ratelimit",
        {"messages_per_second": per_second, "burst_count": at_once},
    )
