"""Chats that differ from the scripted one: in their limits, or in where they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from djhipchat2.message import V2
from tests.scripted import AtOnceBackend, HipChatBackend


class ShortBackend(HipChatBackend):
    """A chat with room for little."""

    @property
    def limits(self) -> Any:
        return replace(V2, message_max=40, sender_max=5)


class FailingAtOnceBackend(AtOnceBackend):
    """A chat of this process."""
