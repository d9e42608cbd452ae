"""Faults that the server plays: how a client copes is seen without a broken server."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

UNAVAILABLE = "unavailable"
RATE_LIMITED = "rate_limited"
HANG = "hang"
DROP_BEFORE = "drop_before"
DROP_AFTER = "drop_after"

WORDS = {
    UNAVAILABLE: "answer 503 Service Unavailable",
    RATE_LIMITED: "answer 429 Too Many Requests with Retry-After",
    HANG: "take the message, then answer late",
    DROP_BEFORE: "drop the connection, nothing stored",
    DROP_AFTER: "store the message, then drop the connection",
}
LONGEST_WAIT = 86_400


class FaultError(ValueError):
    """A fault that cannot be played; the text says what to give."""


@dataclass(frozen=True)
class Fault:
    """One fault: what happens, how often and in which room."""

    kind: str
    times: int | None = None
    """How many requests it still strikes; None: until it is cleared."""
    retry_after: int = 1
    """Seconds of ``Retry-After``."""
    seconds: float = 5.0
    """How long a hanging request waits."""
    room: str | None = None
    """The only room that is struck; None: all of them."""

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the control API shows it."""
        return {
            "fault": self.kind,
            "times": self.times,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "room": self.room,
        }

    @property
    def words(self) -> str:
        """What happens, for people."""
        if self.kind == RATE_LIMITED:
            return f"{WORDS[self.kind]}: {self.retry_after}"
        if self.kind == HANG:
            return f"{WORDS[self.kind]}, after {self.seconds:g} s"
        return WORDS[self.kind]


def fault_of(content: Any) -> Fault:
    """Return the fault that a JSON object means. Raise FaultError if it means none."""
    if not isinstance(content, dict):
        message = f'{content!r} is not a JSON object; send one with a "fault".'
        raise FaultError(message)
    unknown = sorted(set(content) - {"fault", "times", "retry_after", "seconds", "room"})
    if unknown:
        message = f"{unknown[0]!r} is not known; send fault, times, retry_after, seconds and room."
        raise FaultError(message)
    kind = content.get("fault")
    if kind not in WORDS:
        message = f"fault {kind!r} is not known; send one of {', '.join(WORDS)}."
        raise FaultError(message)
    times = content.get("times")
    room = content.get("room")
    if not isinstance(room, str | int | None) or isinstance(room, bool):
        message = f"room {room!r} is no room; send its name, or null for all rooms."
        raise FaultError(message)
    return Fault(
        kind,
        times=None if times is None else int(_number("times", times, 1, 1_000_000, whole=True)),
        retry_after=int(
            _number("retry_after", content.get("retry_after", 1), 0, LONGEST_WAIT, whole=True)
        ),
        seconds=_number("seconds", content.get("seconds", 5), 0, LONGEST_WAIT, whole=False),
        room=None if room in (None, "") else str(room),
    )


def _number(name: str, value: Any, low: int, high: int, *, whole: bool) -> float:
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not low <= value <= high:
        what = "a whole number" if whole else "a number"
        message = f"{name} {value!r} is out of bounds; send {what} from {low} to {high}."
        raise FaultError(message)
    return value


class Faults:
    """The faults that are switched on, the first first. For one thread at a time."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on, after those that are."""
        self.active.append(fault)

    def clear(self) -> None:
        """Switch all off."""
        self.active.clear()

    def strike(self, room_names: tuple[str, ...]) -> Fault | None:
        """Return the fault that a request to a room meets, counting it; None without one."""
        for index, fault in enumerate(self.active):
            if fault.room is not None and fault.room not in room_names:
                continue
            if fault.times == 1:
                del self.active[index]
            elif fault.times is not None:
                self.active[index] = replace(fault, times=fault.times - 1)
            return fault
        return None
