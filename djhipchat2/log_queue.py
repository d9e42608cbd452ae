"""The queue between code that logs and the outbox, and the thread that empties it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from typing import Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.db import InterfaceError, OperationalError
from django.db import connections as databases

from .conf import settings
from .connections import connections
from .exceptions import HipChatError, shortened
from .fitting import fitting_sender, fitting_text, strictest
from .forks import after_fork
from .routing import targets

logger = logging.getLogger(__name__)

#: Records that are written in one transaction.
BATCH = 100
#: Seconds to wait before each further try to write, while the database is away.
PATIENCE = (0.5, 2.0, 5.0)
#: Seconds that a process which ends waits for its last records.
DRAIN_SECONDS = 5.0

Entry = tuple[dict[str, Any], str]


class LogQueue:
    """A bounded queue of records with a thread that writes them; one for each process."""

    def __init__(self) -> None:
        self._at_once: dict[str, bool] = {}
        self._reset()
        after_fork(self._reset)
        setting_changed.connect(self._forget)

    def _forget(self, **kwargs: Any) -> None:
        self._at_once.clear()

    def _reset(self) -> None:
        """Start anew: threads and what they hold do not survive a fork; the parent has it all."""
        self._entries: deque[Entry] = deque()
        self._changed = threading.Condition()
        self._busy = False
        self._dropped = 0
        self._thread: threading.Thread | None = None

    def put(self, call: dict[str, Any], using: str) -> None:
        """
        Take ``send_message()``'s arguments for a record, to be written soon.

        What stays in this process is delivered at once. When the queue is full the record is
        dropped and counted; the number is logged.
        """
        if self._is_at_once(using):
            _send([(call, using)])
            return
        with self._changed:
            if len(self._entries) >= settings.log_queue_size:
                self._dropped += 1
                return
            self._entries.append((call, using))
            if self._thread is None:
                thread = threading.Thread(target=self._work, name="djhipchat2-log", daemon=True)
                thread.start()
                self._thread = thread  # only now: one that could not start is tried again
            self._changed.notify_all()

    def _is_at_once(self, using: str) -> bool:
        """
        Is what goes through a connection delivered in the caller's time?

        Asked once: to read the settings anew for each record is half of what logging it costs.
        """
        known = self._at_once.get(using)
        if known is None:
            if not apps.ready:
                return False
            known = self._at_once[using] = connections[using].at_once
        return known

    def drain(self, seconds: float = DRAIN_SECONDS) -> bool:
        """Wait until the queue is empty and written; return False if that takes too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._entries or self._busy), seconds)

    def _work(self) -> None:
        apps.ready_event.wait()
        while True:
            entries, dropped = self._take()
            if dropped:
                logger.warning(
                    "%d log records were dropped: more came than the outbox could take. "
                    "HIPCHAT_LOG_QUEUE_SIZE bounds the queue.",
                    dropped,
                )
            _write(entries)
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                idle = not self._entries
            if idle:
                databases.close_all()

    def _take(self) -> tuple[list[Entry], int]:
        with self._changed:
            self._changed.wait_for(lambda: self._entries)
            self._busy = True
            count = min(BATCH, len(self._entries))
            dropped, self._dropped = self._dropped, 0
            return [self._entries.popleft() for _ in range(count)], dropped


def _write(entries: list[Entry]) -> None:
    """Write entries to the outbox, patiently, and deliver them."""
    for wait in (*PATIENCE, None):
        try:
            _send(entries)
        except (InterfaceError, OperationalError) as error:
            databases.close_all()
            if wait is None:
                logger.error(
                    "%d log records could not be written to the outbox (%s) and are lost.",
                    len(entries),
                    type(error).__name__,
                )
            else:
                time.sleep(wait)
        except Exception as error:  # noqa: BLE001 - a wrong setting must not end the thread
            if len(entries) == 1:
                _drop(entries[0], error)
            else:
                for entry in entries:  # none of them is written; all but the wrong ones are now
                    _write([entry])
            return
        else:
            return


def _drop(entry: Entry, error: Exception) -> None:
    """Say which handler's record could not become a message, and why."""
    call, using = entry
    # Our own errors say the remedy and no secret; what others say nobody knows.
    ours = isinstance(error, HipChatError | ImproperlyConfigured)
    logger.error(
        "A log record for the room %s of the connection %s could not become a message and is lost: "
        "%s",
        shortened(call["room_id"]),
        using,
        error if ours else type(error).__name__,
    )


def _send(entries: list[Entry]) -> None:
    from .api import send_messages  # noqa: PLC0415 - logging is configured before models exist

    send_messages(_fitted(call, using) for call, using in entries)


def _fitted(call: dict[str, Any], using: str) -> dict[str, Any]:
    limits = strictest(
        [connections[target.connection].limits for target in targets(using, call["room_id"])]
    )
    sender = call["sender"] or settings.default_sender
    return {
        **call,
        "using": using,
        "message": fitting_text(call["message"], limits),
        "sender": fitting_sender(sender, limits),
    }


queue = LogQueue()
