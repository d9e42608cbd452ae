"""Writing down what came of a run's attempts, whatever the database makes of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.db import InterfaceError, OperationalError

from ..backends.base import Result
from ..conf import settings
from ..models import OutboundMessage
from ..states import Status
from . import record
from .attempt import Attempt
from .judging import Tried
from .lease import LeaseLost
from .marks import marked_by
from .patience import patiently
from .retry import Verdict
from .rooms import Rooms
from .run import Run
from .telling import tell

logger = logging.getLogger(__name__)


class Recorder:
    """Writes the outcomes of a run's attempts; one room's trouble is kept from the others."""

    def __init__(self, run: Run, rooms: Rooms, using: str) -> None:
        self._run = run
        self._rooms = rooms
        self._using = using

    def write(self, tried: Sequence[Tried], under_way: Mapping[str, int]) -> None:
        """
        Write outcomes, but for rooms that were taken over; ``under_way`` is as in ``record()``.

        Raise OperationalError or InterfaceError if the database is away for longer than a lease.
        """
        try:
            verdicts = self._recorded(tried, under_way)
        except (InterfaceError, OperationalError) as error:
            _complain(tried, error)
            raise
        except Exception as error:  # noqa: BLE001 - other rooms, and other messages, must go on
            if len(tried) > 1:
                for part in tried:
                    self.write([part], under_way)
                return
            if isinstance(error, LeaseLost):
                self._give_up(tried[0])
                return
            verdicts = self._recorded_plainly(tried, under_way, error)
        self._tell(tried, verdicts)

    def _recorded(self, tried: Sequence[Tried], under_way: Mapping[str, int]) -> list[Verdict]:
        def write() -> list[Verdict]:
            return record.record(tried, trigger=self._run.trigger, under_way=under_way)

        return patiently(write, using=self._using, seconds=settings.lease_seconds)

    def _recorded_plainly(
        self, tried: Sequence[Tried], under_way: Mapping[str, int], error: Exception
    ) -> list[Verdict]:
        """Write outcomes without what the chat has said, which the database did not take."""
        logger.error(
            "What the chat said of the messages %s could not be recorded (%s); their outcomes are.",
            _numbers(tried),
            type(error).__name__,
        )
        plain = [replace(part, attempts=[*map(_plain, part.attempts)]) for part in tried]
        try:
            return self._recorded(plain, under_way)
        except Exception as again:  # noqa: BLE001 - told, and left to whoever has the room next
            _complain(tried, again)
            for part in tried:
                self._rooms.stop(part.lease)
            return []

    def _give_up(self, part: Tried) -> None:
        """Leave a room to whoever took it over, unless it was us who wrote the outcomes before."""
        rows = [made.row for made in part.attempts]
        if _is_written(part, rows):
            # The commit went through, and its confirmation was lost.
            for row in rows:
                row.refresh_from_db(using=self._using)
            self._tell([part], [Verdict(Status(row.status), counted=True) for row in rows])
        else:
            self._rooms.drop([part.lease])

    def _tell(self, tried: Sequence[Tried], verdicts: Sequence[Verdict]) -> None:
        """Count what was written, and say so."""
        self._run.summary.count(verdicts)
        if not verdicts:
            return
        for row in (made.row for part in tried for made in part.attempts):
            if row.status == Status.FAILED and row.fallback:
                self._rooms.look_at(row.fallback, row.fallback_room_id or row.room_id)
            tell(row)


def _is_written(part: Tried, rows: Sequence[OutboundMessage]) -> bool:
    """Return whether a room is still ours and nothing in it waits for its outcome."""
    if not part.lease.room().exists():
        return False
    marked = marked_by(part.lease.token, part.lease.using)
    return not marked.filter(pk__in=[row.pk for row in rows]).exists()


def _plain(made: Attempt) -> Attempt:
    outcome = made.result.outcome
    return replace(made, result=Result(outcome, error="What the chat said could not be recorded."))


def _complain(tried: Sequence[Tried], error: Exception) -> None:
    logger.error(
        "What came of the messages %s could not be recorded (%s). Whoever takes over their rooms "
        "finds the outcome unknown.",
        _numbers(tried),
        type(error).__name__,
    )


def _numbers(tried: Sequence[Tried]) -> str:
    return ", ".join(str(made.row.pk) for part in tried for made in part.attempts)
