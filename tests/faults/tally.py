"""What a run of the fault suite broke, and what became of the messages meanwhile."""

from __future__ import annotations

from dataclasses import astuple, dataclass, fields


@dataclass
class Tally:
    """Numbers that only grow; all of them but kills, stops, freezes and restarts are messages."""

    kills: int = 0
    """Processes ended with SIGKILL; a Celery worker with its children is one."""
    kills_in_hand: int = 0
    """Kills that left a message marked as being sent."""
    stops: int = 0
    """Processes ended with SIGTERM or SIGINT while they had something in hand."""
    freezes: int = 0
    """Processes stopped for longer than their lease, and let go on."""
    restarts: int = 0
    """Databases, brokers and chat servers that went away and came back."""
    accepted: int = 0
    """Committed to the outbox."""
    delivered: int = 0
    """Arrived at the chat, once or more."""
    failed: int = 0
    """Ended otherwise: failed with a reason, expired or cancelled."""
    repeated: int = 0
    """Arrivals after a message's first."""
    unexplained: int = 0
    """Arrivals that no recorded attempt accounts for."""
    lost: int = 0
    """Committed, and then gone, or called sent without having arrived."""
    limbo: int = 0
    """Neither sent nor ended otherwise."""
    ghosts: int = 0
    """Arrived although their transaction was rolled back."""
    gave_up: int = 0
    """Processes that ended though nobody had ended them."""
    disordered: int = 0
    """First attempts that were accepted, and arrived before those of earlier rows."""

    def add(self, other: Tally) -> None:
        """Add another tally's numbers to this one's."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def faultless(self) -> bool:
        """Is everything zero that has to be?"""
        wrong = (self.unexplained, self.lost, self.limbo, self.ghosts, self.disordered)
        return not any((*wrong, self.gave_up))

    @property
    def is_empty(self) -> bool:
        """Has nothing happened?"""
        return not any(astuple(self))

    def lines(self) -> list[str]:
        """Return the numbers as lines of a table."""
        words = {
            "messages accepted": self.accepted,
            "delivered": self.delivered,
            "failed, expired or cancelled": self.failed,
            "repeated": self.repeated,
            "repeated without a cause (0)": self.unexplained,
            "lost (0)": self.lost,
            "left in limbo (0)": self.limbo,
            "rolled back and sent (0)": self.ghosts,
            "order violations (0)": self.disordered,
            "processes that gave up (0)": self.gave_up,
            "kills": self.kills,
            "kills with a message in hand": self.kills_in_hand,
            "normal stops": self.stops,
            "freezes": self.freezes,
            "restarts": self.restarts,
        }
        return [f"{name:<30} {number:>9,}" for name, number in words.items()]
