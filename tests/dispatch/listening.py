"""A backend that remembers what was announced to it, and two rooms."""

from __future__ import annotations

from typing import Any, ClassVar

from djhipchat2.backends.dummy import HipChatBackend

OPS = ("default", "Ops")
DEV = ("default", "Dev")


class Listener(HipChatBackend):
    """Remember what was announced; ``then`` is called at each announcement."""

    at_once = False
    by_task = True
    heard: ClassVar[list[tuple[str, str]]] = []
    then: ClassVar[list[Any]] = []

    comes: ClassVar[bool] = False
    """Does somebody who was told come to look, sooner or later?"""

    def announce(self, connection: str, room_id: str, *, delay: float = 0) -> bool:
        self.heard.append((connection, room_id))
        if self.then:
            self.then.pop()()
        return self.comes
