"""What the server process knows beside its database: the switches of its faults and limits."""

from __future__ import annotations

import threading

from django.conf import settings

from .faults import Faults
from .limits import NAMED, Limits, Windows
from .models import ApiRequest, Message, Room, number_of

ROWS_AT_ONCE = 100


class State:
    """One per process. Whoever changes it, or stores what was received, holds the lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.faults = Faults()
        self.windows = Windows()
        self.limits = NAMED[settings.HIPCHAT_LIMITS]
        self._rooms: dict[str, Room] = {}
        self._unwritten: list[ApiRequest] = []
        #: Ends the waits of the requests that hang; take it while holding the lock.
        self.interruption = threading.Event()

    def room_named(self, name: str) -> Room | None:
        """Return a room by its name; None if there is none. Looked up once: nobody else writes."""
        if name not in self._rooms:
            room = Room.objects.filter(name=name).first()
            if room is None:
                return None
            self._rooms[name] = room
        return self._rooms[name]

    def log(self, request: ApiRequest) -> None:
        """Note a request. Rows are written by the hundred: one by one they would set the pace."""
        with self.lock:
            self._unwritten.append(request)
            if len(self._unwritten) >= ROWS_AT_ONCE:
                self.write_log()

    def write_log(self) -> None:
        """Write what has been noted; whoever reads the log calls it first."""
        with self.lock:
            ApiRequest.objects.bulk_create(self._unwritten)
            self._unwritten.clear()

    def set_limits(self, limits: Limits) -> None:
        """Enforce other limits, and begin to count anew."""
        with self.lock:
            self.limits = limits
            self.windows = Windows()

    def clear_faults(self) -> None:
        """Switch all faults off; requests that hang are answered now."""
        with self.lock:
            self.faults.clear()
            self.end_waits()

    def reset(self) -> None:
        """Forget all that was received, and go back to the switches of the start."""
        with self.lock:
            self.clear_faults()
            self.set_limits(NAMED[settings.HIPCHAT_LIMITS])
            self._rooms.clear()
            self._unwritten.clear()
            Message.objects.all().delete()
            ApiRequest.objects.all().delete()
            Room.objects.exclude(name__in=settings.HIPCHAT_ROOMS).delete()

    def end_waits(self) -> None:
        """Let go of the requests that hang."""
        self.interruption.set()
        self.interruption = threading.Event()

    def create_rooms(self) -> None:
        """Create the rooms that exist from the start."""
        for name in settings.HIPCHAT_ROOMS:
            Room.objects.get_or_create(name=name, defaults={"number": number_of(name)})


_state: list[State] = []


def state() -> State:
    """Return the process's state."""
    if not _state:
        _state.append(State())
    return _state[0]
