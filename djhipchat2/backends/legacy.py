"""Custom backends written for the 2013 package: a class with ``send_message()`` and no more."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from ..message import Message
from ..states import Outcome
from .base import HipChatBackendBase, Result


class LegacyBackend(HipChatBackendBase):
    """
    Deliver through a 2013 class.

    Its ``send_message()`` returning is taken as accepted, as in 2013; its raising as unavailable,
    with the exception's class only: nobody knows which secrets its text carries.
    """

    def __init__(
        self, backend_class: type, path: str, alias: str | None, options: dict[str, Any]
    ) -> None:
        self._path = path
        super().__init__(alias=alias)
        self.options = options
        try:
            self._inner = backend_class(**options)
        except TypeError as error:
            names = ", ".join(sorted(options)) or "no options"
            message = f"{path} cannot be made with {names}; a custom backend gets its OPTIONS."
            raise ImproperlyConfigured(message) from error

    @property
    def path(self) -> str:
        return self._path

    def deliver(self, message: Message, *, timeout: float | None = None) -> Result:
        try:
            self._inner.send_message(
                message.room_id,
                message.text,
                message.sender,
                message.message_format,
                message.notify,
                message.color,
            )
        except Exception as error:  # noqa: BLE001 - foreign code; whatever it raises is an outcome
            text = f"{self.path} raised {type(error).__name__}."
            return Result(Outcome.UNAVAILABLE, error=text)
        return Result(Outcome.ACCEPTED)
