"""What the protocol asks of a chat, answered from the server's database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.conf import settings

from djhipchat2.gateway.protocol import Action, Allowance, Call, Notification
from djhipchat2.message import COLORS

from .limits import ROOM_LIMITS, ROOM_SECONDS, TOKEN_LIMITS, TOKEN_SECONDS
from .models import LONGEST_NUMBER, Message, Room, number_of
from .state import State

RANDOM = "random"
VISIBLE_COLORS = [color for color in COLORS if color != RANDOM]


class LocalChat:
    """The rooms of this server, for one call. The caller holds the state's lock."""

    def __init__(self, state: State, call: Call) -> None:
        self._state = state
        self._call = call

    def knows(self, token: str) -> bool:
        """Is it one of the tokens that the server was started with?"""
        return token in settings.HIPCHAT_TOKENS

    def find_room(self, names: Sequence[str]) -> Room | None:
        """
        Return the room of a name, else of an id.

        Where any room does, an unknown one is made of the first name; it is stored with its first
        message.
        """
        for name in names:
            room = self._state.room_named(name)
            if room is not None:
                return room
        for name in names:
            if name.isascii() and name.isdigit() and len(name) <= LONGEST_NUMBER:
                room = Room.objects.filter(number=int(name)).first()
                if room is not None:
                    return room
        if settings.HIPCHAT_ROOMS:
            return None
        return Room(name=names[0], number=number_of(names[0]))

    def allowance(self, call: Call, room: Room | None, *, spend: bool) -> Allowance:
        """Return where the limits of the token and of the room stand."""
        limits, windows = self._state.limits, self._state.windows
        figures = limits.token_per_5_minutes or TOKEN_LIMITS
        token_rate = windows.rate(
            ("token", call.version, call.token),
            figures[call.version],
            TOKEN_SECONDS,
            enforced=limits.token_per_5_minutes is not None,
            spend=spend,
        )
        figures = limits.room_per_minute or ROOM_LIMITS
        if room is None or call.action is not Action.NOTIFY or call.version not in figures:
            return Allowance(token_rate)
        room_rate = windows.rate(
            ("room", room.name),
            figures[call.version],
            ROOM_SECONDS,
            enforced=limits.room_per_minute is not None,
            spend=spend and not call.is_auth_test,
        )
        return Allowance(token_rate, room_rate)

    def accept(self, room: Room, notification: Notification) -> None:
        """Store a message, and its room with it if it is the first."""
        if room.pk is None:
            room.save()
        color = notification.color
        Message.objects.create(
            room=room,
            sender=notification.sender,
            text=notification.text,
            message_format=notification.message_format,
            color=secrets.choice(VISIBLE_COLORS) if color == RANDOM else color,
            color_asked=color,
            notify=notification.notify,
            card=notification.card,
            api_version=self._call.version,
        )
