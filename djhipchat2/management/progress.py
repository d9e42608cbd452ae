"""Showing how far a flush is: a bar on a terminal, nothing else where a log is written."""

from __future__ import annotations

from types import TracebackType
from typing import NoReturn, TextIO

from tqdm import tqdm

from ..delivery.run import Summary


def progress_bar(total: int, stream: TextIO) -> tqdm[NoReturn]:
    """Return a bar of so many messages; silent if the stream is no terminal."""
    silent = not stream.isatty()
    return tqdm(total=total, unit=" messages", file=stream, disable=silent, leave=False)


class Progress:
    """A bar of the messages tried so far."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._bar = progress_bar(total, stream)

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
