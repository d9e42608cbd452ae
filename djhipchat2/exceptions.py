"""
What can go wrong, split by what to do next.

    HipChatError
    ├── MessageError (also a ValueError)   the caller's mistake: correct the argument named in it
    ├── ConnectionUnknown (also a KeyError) the alias is not configured in this process
    └── MessageStateError                   the row is in a state that forbids the operation

Configuration mistakes raise Django's own ``ImproperlyConfigured``, which is deliberately not a
``HipChatError``: code that catches delivery trouble must not hide a wrong setting.
A failed delivery raises nothing; it is recorded in the row.
"""

from __future__ import annotations

SHOWN_CHARACTERS = 60


class HipChatError(Exception):
    """Base of the errors that djhipchat2 raises into calling code."""


def shortened(value: object) -> str:
    """Return the repr of a value, cut to what fits into an error line."""
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - a value that cannot be shown must not hide what is wrong
        text = f"<{type(value).__name__}>"
    if len(text) <= SHOWN_CHARACTERS:
        return text
    return text[: SHOWN_CHARACTERS - 1] + "…"


class MessageError(HipChatError, ValueError):
    """
    A value that the chat would refuse.

    ``field`` is the name of ``send_message()``'s parameter, ``value`` what was given and ``limit``
    the rule that it breaks, with the remedy. To say it in another language, there is ``rule``, the
    same with places (``%(most)s``) for what is ``named``.
    """

    def __init__(self, field: str, value: object, limit: str, **named: str | int) -> None:
        self.field = field
        self.value = value
        self.rule = limit
        self.named = named
        shown = {name: f"{n:,}" if isinstance(n, int) else n for name, n in named.items()}
        self.limit = limit % shown if named else limit
        super().__init__(field, value, self.limit)

    def __str__(self) -> str:
        return f"{self.field} {shortened(self.value)}: {self.limit}"


class ConnectionUnknown(HipChatError, KeyError):
    """A connection alias that this process has no configuration for."""

    def __init__(self, alias: str, known: list[str]) -> None:
        self.alias = alias
        self.known = known
        super().__init__(alias, known)

    def __str__(self) -> str:
        return (
            f"The connection {shortened(self.alias)} is not configured in this process. "
            f"Known: {', '.join(map(str, self.known))}. Add it to HIPCHAT_CONNECTIONS."
        )


class MessageStateError(HipChatError):
    """An operation that the message's status forbids, for example resending a queued message."""
