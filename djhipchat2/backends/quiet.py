"""
Keeping libraries' logs quiet about what this package sends: webhooks and tokens are secrets.

At DEBUG urllib3 logs each path, and Apprise each address; what Apprise cannot read, it logs as an
error, with the secrets in it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: A filter works on the very logger that is written to, so each is named.
LOGGERS = (
    "apprise",
    "oauthlib.oauth1.rfc5849",
    "requests_oauthlib.oauth1_auth",
    "urllib3.connectionpool",
    "urllib3.util.retry",
)

_kept: ContextVar[list[str] | None] = ContextVar("djhipchat2_kept", default=None)


class _Quiet(logging.Filter):
    """Keeps warnings and errors for whoever asked for quiet, and drops the rest."""

    def filter(self, record: logging.LogRecord) -> bool:
        kept = _kept.get()
        if kept is None:
            return True
        if record.levelno >= logging.WARNING:
            kept.append(record.getMessage())
        return False


_quiet = _Quiet()
for _name in LOGGERS:
    logging.getLogger(_name).addFilter(_quiet)


@contextmanager
def unlogged() -> Iterator[list[str]]:
    """Keep what this thread, or task, does out of the logs; yield the warnings that are kept."""
    kept: list[str] = []
    before = _kept.set(kept)
    try:
        yield kept
    finally:
        _kept.reset(before)
