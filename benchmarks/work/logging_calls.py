"""Logging while the chat is down and each statement takes the database 50 milliseconds longer."""

from __future__ import annotations

import logging
import time
from statistics import median, quantiles
from typing import Any

from benchmarks.work.statements import slow, wrapping
from benchmarks.work.timing import texts

STATEMENT_SECONDS = 0.05


def cost_of_records(*, records: int, a_second: int, handler: str) -> dict[str, Any]:
    """Log records and return what a call took, in microseconds."""
    from djhipchat2.logger import HipChatHandler

    logger = logging.getLogger("shop")
    logger.propagate = False
    logger.addHandler(
        HipChatHandler(room="Ops") if handler == "HipChatHandler" else logging.NullHandler()
    )
    with wrapping(slow(STATEMENT_SECONDS)):
        _log(logger, texts(100), a_second)
        times = _log(logger, texts(records), a_second)
    microseconds = [nanoseconds / 1_000 for nanoseconds in times]
    return {
        "seconds": sum(times) / 1e9,
        "count": records,
        "median": median(microseconds),
        "p99": quantiles(microseconds, n=100)[-1],
    }


def _log(logger: logging.Logger, messages: list[str], a_second: int) -> list[int]:
    times = []
    for text in messages:
        started = time.perf_counter_ns()
        logger.error("Payment failed: %s", text)
        times.append(time.perf_counter_ns() - started)
        if a_second:
            time.sleep(1 / a_second)
    return times
