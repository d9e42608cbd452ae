"""How stubborn delivery is: the project's settings, and what a connection says of its own."""

from __future__ import annotations

from ..conf import settings
from ..connections import connections
from ..states import OnUnknown
from .retry import Policy


def policy_of(connection: str) -> Policy:
    """Return a connection's retry policy. Raise ImproperlyConfigured for a wrong setting."""
    own = connections.retry_options(connection)
    on_unknown = own.get("on_unknown", settings.on_unknown)
    if connections[connection].knows_repeats:
        on_unknown = OnUnknown.RETRY.value  # the service drops what it has already
    return Policy(
        max_attempts=int(own.get("max_attempts", settings.max_attempts)),
        backoff_base=own.get("backoff_base", settings.backoff_base),
        backoff_cap=own.get("backoff_cap", settings.backoff_cap),
        on_unknown=on_unknown,
    )
