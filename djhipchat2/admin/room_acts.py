"""What operators do to rooms: pause, resume, drain; with the forms that ask for it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import operations
from ..delivery.engine import database
from ..models import NOTE_CHARACTERS, WHOLE_CONNECTION, OutboundMessage, Room
from .acts import PATIENCE
from .filters import known_connections


@dataclass(frozen=True)
class RoomAct:
    """Something to do to a room."""

    name: str
    label: Promise
    promise: Promise
    done: Promise
    nothing: Promise


ACTS = {
    act.name: act
    for act in (
        RoomAct(
            "pause",
            gettext_lazy("Pause"),
            gettext_lazy(
                "Nothing more is sent there until somebody resumes it. The message that is being "
                "sent is finished, later ones wait, and none is lost."
            ),
            gettext_lazy("Paused: %(rooms)s."),
            gettext_lazy("Nothing paused."),
        ),
        RoomAct(
            "resume",
            gettext_lazy("Resume"),
            gettext_lazy(
                "Whatever holds it is lifted, a pause or the chat's own limit, and what is due is "
                "delivered."
            ),
            gettext_lazy("Resumed: %(rooms)s."),
            gettext_lazy("Nothing held %(rooms)s."),
        ),
        RoomAct(
            "drain",
            gettext_lazy("Drain now"),
            gettext_lazy("What is due there is delivered at once. A hold stays."),
            gettext_lazy("Delivery set off: %(rooms)s."),
            gettext_lazy("Nothing set off in time; the next flush delivers."),
        ),
    )
}


class PauseForm(forms.Form):
    """Why a room is paused."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        help_text=gettext_lazy("Why: everybody who looks at the room will see it."),
        max_length=NOTE_CHARACTERS,
        required=False,
    )


class PlaceForm(PauseForm):
    """The same for a room, or a connection, that may have no row yet."""

    connection = forms.ChoiceField(label=gettext_lazy("Connection"))
    room_id = forms.CharField(
        label=gettext_lazy("Room"),
        help_text=gettext_lazy("Empty: all rooms of the connection."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["connection", "room_id", "note"]

    def __init__(self, *args: Any, suggestions: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(known_connections())
        self.fields["connection"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.fields["room_id"].widget.attrs["data-hipchat-suggest"] = suggestions


@dataclass(frozen=True)
class Done:
    """What an act did to a room."""

    room: Room
    logged: str
    """Empty: nothing happened."""


def pause(rooms: Iterable[Room], *, note: str, by: str) -> Iterator[Done]:
    """Pause rooms, or connections."""
    for room in rooms:
        row = operations.pause(room.connection, room.room_id, note=note, by=by)
        yield Done(row, _("Paused: %(note)s") % {"note": note} if note else _("Paused."))


def resume(rooms: Iterable[Room]) -> Iterator[Done]:
    """Lift whatever holds rooms, or connections."""
    for room in rooms:
        lifted = operations.resume(room.connection, room.room_id)
        yield Done(room, _("Resumed.") if lifted else "")


def drain(rooms: Iterable[Room], *, patience: float = PATIENCE) -> Iterator[Done]:
    """Have rooms, or all rooms of connections, drained, as far as the time allows."""
    started = time.monotonic()
    for room in rooms:
        for connection, room_id in _places(room):
            if time.monotonic() - started >= patience:
                return
            with transaction.atomic(using=database()):
                operations.drain(connection, room_id)
        yield Done(room, _("Drained."))


def _places(room: Room) -> Iterator[tuple[str, str]]:
    if room.room_id != WHOLE_CONNECTION:
        return iter([(room.connection, room.room_id)])
    return OutboundMessage.objects.using(database()).rooms(using=room.connection)
