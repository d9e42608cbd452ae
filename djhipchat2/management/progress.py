"""Showing how far a flush is: a bar on a terminal, nothing else where a log is written."""

from __future__ import annotations

from types import TracebackType
from typing import TextIO

from tqdm import tqdm

from ..delivery.run import Summary


class Progress:
    """A bar of the messages tried so far; silent if the stream is no terminal."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._bar = tqdm(
            total=total, unit=" messages", file=stream, disable=not stream.isatty(), leave=False
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def show(self, summary: Summary) -> None:
        """Show where a run is."""
        self._bar.update(summary.attempts - self._bar.n)
        self._bar.set_postfix(sent=summary.sent, failed=summary.failed, retried=summary.retried)
