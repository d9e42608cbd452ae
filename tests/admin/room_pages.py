"""Acts on rooms: who may carry them out, their pages, and their actions in the list."""

from __future__ import annotations

from typing import Any

from django.test import Client

from djhipchat2.models import Room
from tests.admin.pages import ROOMS

VIEW, HOLD = "view_room", "hold_room"


def at(room: Any, act: str) -> str:
    return f"{ROOMS}{room.pk}/{act}/"


def from_list(client: Client, action: str, rooms: list[Room]) -> Any:
    data = {"action": action, "_selected_action": [room.pk for room in rooms]}
    return client.post(ROOMS, data)
