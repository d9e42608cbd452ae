"""One try, from a row to a result; no database involved."""

from __future__ import annotations

import logging
import os
import time
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ImproperlyConfigured

from ..backends.base import HipChatBackendBase, Result
from ..exceptions import MessageError
from ..message import Limits, Message
from ..models import OutboundMessage
from ..states import Outcome

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One try that has been made and is not recorded yet."""

    row: OutboundMessage
    result: Result
    started_at: datetime
    seconds: float | None
    """How long it took; None: nobody knows."""

    @property
    def ended_at(self) -> datetime:
        """When its outcome was known, as far as anybody knows."""
        return self.started_at + timedelta(seconds=self.seconds or 0)


def attempt(
    row: OutboundMessage,
    backend: HipChatBackendBase,
    *,
    now: datetime,
    timeout: float,
    message: Message | None = None,
    limits: Limits | None = None,
) -> Attempt:
    """
    Try to deliver a row, or the message that it was made of, and return what it came to.

    ``limits`` are the backend's, for who has asked for them before.
    """
    started = time.monotonic()
    try:
        value = message or row.as_message(limits or backend.limits)
        result = backend.deliver(value, timeout=timeout).storable()
    except MessageError as error:
        # It was valid for the API that the connection spoke when it was written.
        result = Result(Outcome.REJECTED, error=str(error))
    except ImproperlyConfigured as error:
        result = Result(Outcome.UNAVAILABLE, error=str(error))
    except Exception as error:  # noqa: BLE001 - a backend's bug must not stop the queue
        result = Result(Outcome.UNKNOWN, error=f"The backend failed: {_place_of(error)}.")
        logger.error("%s failed: %s", backend.path, _place_of(error))
    return Attempt(row, result, now, time.monotonic() - started)


def _place_of(error: Exception) -> str:
    """Return an exception's class and place; its text may carry what nobody should read."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {os.path.basename(frame.filename)}:{frame.lineno}"
