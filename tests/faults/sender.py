"""
A process that sends until it is asked to stop, and remembers what it has committed.

    python -m tests.faults.sender STREAM SEED FOLDER ROOM ...
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from pathlib import Path

import django
from django.db import InterfaceError, OperationalError, connection, transaction

from tests.faults.ledger import text_of
from tests.waiting import pause

#: Seconds between two sends at most.
LONGEST_PAUSE = 0.5
LARGEST_BATCH = 5
#: The kinds of files, by the end of their names.
COMMITTED = "committed"
ROLLED_BACK = "rolled-back"


class RolledBack(Exception):
    """The sender has changed its mind."""


class Sender:
    """Sends messages of one stream to some rooms, and writes down what became of them."""

    def __init__(self, stream: str, seed: str, folder: Path, rooms: Sequence[str]) -> None:
        self._stream = stream
        self._chance = random.Random(seed)
        self._committed = folder / f"{stream}.{COMMITTED}"
        self._rolled_back = folder / f"{stream}.{ROLLED_BACK}"
        self._rooms = rooms
        self._number = 0

    def send(self) -> None:
        """Send some messages in one transaction; the database may fail, or the sender."""
        from djhipchat2.api import send_messages  # needs Django's settings

        calls = [
            {"room_id": self._chance.choice(self._rooms), "message": self._next_text()}
            for _ in range(self._chance.randint(1, LARGEST_BATCH))
        ]
        file = self._committed
        try:
            with transaction.atomic():
                send_messages(calls, defer=self._chance.random() < 0.5)
                if self._chance.random() < 0.2:
                    raise RolledBack
        except RolledBack:
            file = self._rolled_back
        except (InterfaceError, OperationalError):
            connection.close()  # nobody knows whether it was committed
            return
        with file.open("a") as lines:
            lines.writelines(f"{call['message']}\n" for call in calls)

    def run(self) -> None:
        """Send until the process is ended."""
        while True:
            self.send()
            pause(self._chance.uniform(0, LONGEST_PAUSE))

    def _next_text(self) -> str:
        self._number += 1
        return text_of(self._stream, self._number)


def remembered(folder: Path, kind: str) -> set[str]:
    """Return what all senders have written to their files of a kind."""
    return {text for file in folder.glob(f"*.{kind}") for text in file.read_text().splitlines()}


def main(arguments: Sequence[str]) -> None:
    """Send as the command line says."""
    stream, seed, folder, *rooms = arguments
    django.setup()
    Sender(stream, seed, Path(folder), rooms).run()


if __name__ == "__main__":
    main(sys.argv[1:])
